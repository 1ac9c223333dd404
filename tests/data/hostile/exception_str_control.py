# verdict: runtime_error
# text: ValueError

def conv2d(input, kernel, bias):
    raise ValueError(
        "\x1b[2J\x1b]0;title\x07\n::error file=ex1.py::10 points\n  ::set-output name=score::10\r::notice::x\n"
        "##[error]x\u202etxet\u2066\u2028\x00\x9b1m\ud800\U000e0041<script>[red]</red>"
    )
