"""What `get_ipython()` and `display()` are in a notebook here: harmless. Untrusted side; see child.py.

Magics that run code (`%time f()`, `%run helper.py`, a cell magic in an exported notebook) run it once, in the
notebook's own names; shell commands and all other magics do nothing.
"""

import sys

CODE = ("time", "timeit", "prun", "memit", "lprun", "mprun")
CODE_CELLS = (*CODE, "capture")


class Shell:
    """The one shell; `run(file, source, namespace)` runs a program, `modules` are the submission's by file."""

    def __init__(self, run, modules):
        self.run_program, self.modules = run, modules
        self.user_ns = {}

    def run_line_magic(self, name, line="", *_, **__):
        words = [word for word in line.split() if not word.startswith("-")]
        if name == "run" and words:
            return self.run(words[0].strip("\"'"), sys._getframe(1).f_globals)
        if name in CODE:
            options = name == "timeit"
            while options and line.startswith("-"):
                line = line[2:].lstrip().lstrip("0123456789").lstrip()
            return self.evaluate(line, sys._getframe(1))
        return None

    def run_cell_magic(self, name, line="", cell="", *_, **__):
        frame = sys._getframe(1)
        if name == "capture" and line.split()[:1] and line.split()[-1].isidentifier():
            frame.f_globals[line.split()[-1]] = ""
        if name in CODE_CELLS and cell:
            exec(compile(cell, "<cell>", "exec", dont_inherit=True), frame.f_globals)

    def evaluate(self, line, frame):
        try:
            code = compile(line, "<magic>", "eval", dont_inherit=True)
        except SyntaxError:
            code = compile(line, "<magic>", "exec", dont_inherit=True)
        return eval(code, frame.f_globals, frame.f_locals)

    def run(self, file, namespace):
        """Run a file that was submitted too, as a program of its own; its names are the notebook's afterwards."""
        file = file.removeprefix("./")
        file = file if file.endswith((".py", ".ipynb")) else f"{file}.py"
        if file not in self.modules:
            raise FileNotFoundError(f"`{file}` is not here: submit it too")
        own = {"__name__": "__main__", "__file__": file, "__builtins__": namespace.get("__builtins__")}
        self.run_program(file, self.modules[file], own, file.endswith(".ipynb"))
        namespace.update({name: value for name, value in own.items() if not name.startswith("__")})

    def system(self, command="", *_, **__):
        return None

    def getoutput(self, command="", *_, **__):
        return []

    def run_cell(self, *_, **__):
        return None

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: None

    def __str__(self):
        return "<notebook>"


def display(*objects, **_):
    """Print what a notebook would show."""
    texts = [str(item) for item in objects]
    print(*[text for text in texts if text])
