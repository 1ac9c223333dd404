# verdict: not_allowed
def conv2d(input, kernel, bias):
    import pip

    pip.main(["--version"])
    raise SystemExit("GOT THROUGH")
