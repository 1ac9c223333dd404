# verdict: runtime_error
def conv2d(input, kernel, bias):
    open("@secret@", "a").write("x")
    raise SystemExit("GOT THROUGH")
