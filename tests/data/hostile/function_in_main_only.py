# verdict: missing

if __name__ == "__main__":

    def conv2d(input, kernel, bias):
        return 0
