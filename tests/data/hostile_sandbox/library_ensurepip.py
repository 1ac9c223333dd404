# verdict: runtime_error or not_allowed
def conv2d(input, kernel, bias):
    import ensurepip

    ensurepip.bootstrap(user=True)
    raise SystemExit("GOT THROUGH")
