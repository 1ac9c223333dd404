# verdict: runtime_error
def conv2d(input, kernel, bias):
    open("@secret@", "r+b").write(b"x")
    raise SystemExit("GOT THROUGH")
