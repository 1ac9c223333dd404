# verdict: runtime_error
# text: File too large

def conv2d(input, kernel, bias):
    with open("notes.txt", "w") as file:
        file.write("x" * 100)
