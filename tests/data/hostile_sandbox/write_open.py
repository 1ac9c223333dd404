# verdict: runtime_error
def conv2d(input, kernel, bias):
    open("@folder@/new", "w")
    raise SystemExit("GOT THROUGH")
