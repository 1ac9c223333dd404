"""Run a program's top-level statements one after the other: one that fails is noted, and the next one is run.

What is graded is a function, so a failing demo below it, or a picture that is not there, costs nothing. A file is parsed
once. Statements that cannot take long are compiled together; before each of the others the parent is notified, so that
it knows which one to omit if a limit stops it. Untrusted side; see child.py.
"""

import builtins
import contextlib
import inspect
import re
from _ast import Module

from calls import starred
from placeholders import Compiler, Display, package_of
from statements import FUNCTIONS, bound, called, futures, guarded, is_main, loose, portions

TREE, AWAIT, COROUTINE = 0x400, 0x2000, 0x80  # flags of `compile`, and of a code object
SET = re.compile(r"^(?:async +)?(?:def|class) +(\w+)|^(\w+) *=(?!=)", re.MULTILINE)
MOST_STOPS = 20  # that are reported


class Stop:
    """A statement that did not finish: where it begins, the names that it would have set, and the failure."""

    def __init__(self, file, line, names, failure):
        self.file, self.line, self.names, self.failure = file, line, names, failure
        self.origin = getattr(failure, "origin", None) or self  # the statement that it could not do without

    def explain(self, name, failure):
        """Return the failure of code that needs a name which this statement would have set."""
        origin = self.origin
        cause = origin.failure
        if cause.failure in ("not_allowed", "forbidden"):
            failure = type(cause)(cause.failure, cause.text, origin.file, origin.line)
        else:
            place = f"line {origin.line}" if origin.file == failure.file else f"{origin.file}, line {origin.line}"
            failure.text = f"NameError: `{name}` was never set, because {place} stopped: {cause.text}"
        failure.origin = origin
        return failure


class Loader:
    """Runs files. `describe` turns an exception into a failure, `notify(file, number)` tells the parent what is begun."""

    def __init__(self, describe, notify, omitted=()):
        self.describe, self.notify, self.omitted = describe, notify, omitted
        self.stops, self.trees, self.guarded, self.future, self.current = [], {}, {}, 0, ("", 0)

    def run(self, file, source, namespace, notebook=False):
        """Run a file or a cell. Raise what the parser raises, before anything is run."""
        tree = compile(source, file, "exec", TREE | AWAIT * notebook | self.future * notebook, dont_inherit=True)
        self.trees[file] = tree
        future = futures(tree) | self.future * notebook
        self.future = future if notebook else self.future  # as in IPython, they hold for the cells below
        flags = future | AWAIT * notebook
        parts = [
            (number, statements, compiled(statements, file, flags)) for number, statements in portions(tree, notebook)
        ]
        before = self.current
        for number, statements, code in parts:
            self.begin((file, number))
            if number and self.omitted[:2] == (file, number):
                self.stop(file, statements[0], self.omitted[2])
                continue
            while code:
                try:
                    execute(code, namespace)
                    break
                except BaseException as error:
                    at = position(statements, error, code)
                    self.stop(file, statements[at], self.describe(error))
                    statements = statements[at + 1 :]
                    code = compiled(statements, file, flags) if statements else None
        self.begin(before)

    def begin(self, place):
        """Notify the parent, unless there is nothing new in it. Number 0 is what cannot take long."""
        if place[1] or self.current[1]:
            self.notify(*place)
        self.current = place

    def stop(self, file, statement, failure):
        self.stops.append(Stop(file, statement.lineno, bound([statement]), failure))

    def cause(self, name):
        """Return the statement that would have set a name; None if there is none."""
        found = [stop for stop in self.stops if name in stop.names or "*" in stop.names]
        return next((stop for stop in found if name in stop.names), found[0] if found else None)

    def lose(self, file, source, failure):
        """Note that a cell cannot be parsed."""
        names = {name for pair in SET.findall(source) for name in pair if name}
        self.stops.append(Stop(file, failure.line, names, failure))

    def is_guarded(self, file, line):
        """Tell whether the program says what to do if the import in this line fails."""
        if file not in self.guarded:
            self.guarded[file] = {inner.lineno for inner in guarded(self.trees[file])} if file in self.trees else set()
        return line in self.guarded[file]

    def loose_names(self, sources):
        """Return the names that files use and set nowhere; those that cannot be parsed have none."""
        trees = []
        for file, source in sources:
            with contextlib.suppress(SyntaxError, ValueError, RecursionError):
                trees.append(compile(source, file, "exec", TREE | AWAIT, dont_inherit=True))
        return loose(trees, vars(builtins))

    def place(self, name):
        """Return the file and the line of the last statement that sets a name."""
        found = [(f, s.lineno) for f, tree in self.trees.items() for s in tree.body if name in bound([s])]
        return found[-1] if found else ("", 0)

    def value(self, name, namespace, cells):
        """Return what a name stands for: its `def`, where the program sets it to something else later.

        Demos do so: `pool2d = nn.MaxPool2d(3)` in a course's notebook, or `flatten = flatten(x)`.
        """
        value = namespace.get(name)
        if name in namespace and (not callable(value) or type(value).__module__.startswith("torch.nn.")):
            files = [file for file, _ in cells if file in self.trees]
            for file, made in [(file, s) for file in files for s in self.trees[file].body][::-1]:
                if isinstance(made, FUNCTIONS) and made.name == name:
                    with contextlib.suppress(Exception):
                        execute(compiled([made], file, futures(self.trees[file]) | self.future), namespace)
                    break
        return namespace.get(name)

    def main_block(self, name):
        """Return the line of an `if __name__ == "__main__":` that alone sets a name; 0 if there is none."""
        setting = [s for tree in self.trees.values() for s in tree.body if name in bound([s])]
        return setting[0].lineno if setting and all(map(is_main, setting)) else 0

    def functions(self, namespace):
        """Describe the program's own functions: name, parameters and the packages that are not allowed."""
        found = []
        for name, value in namespace.items():
            own = getattr(inspect.unwrap(value), "__code__", None) if isinstance(value, type(bound)) else None
            if own is not None and own.co_filename in self.trees:
                parameters = ", ".join(map(starred, inspect.signature(value).parameters.values()))
                found.append(f"{name}({parameters}){self.packages(name, namespace)}")
            elif isinstance(value, type) and value.__module__ == namespace["__name__"]:
                found.append(name)
        return found

    def packages(self, name, namespace):
        """Return ` with torch, scipy` for a function that calls them itself, or through the program's functions."""
        bodies = {s.name: s for tree in self.trees.values() for s in tree.body if isinstance(s, FUNCTIONS)}
        waiting, seen, found = [name], set(), []
        while waiting:
            name = waiting.pop()
            if name in bodies and name not in seen:
                seen.add(name)
                waiting += called(bodies[name])
            value = namespace.get(name)
            if package_of(value) and not isinstance(value, (Display, Compiler)) and package_of(value) not in found:
                found.append(package_of(value))
        return f" with {', '.join(sorted(found))}" if found else ""


def compiled(statements, file, flags):
    return compile(Module(body=statements, type_ignores=[]), file, "exec", flags, dont_inherit=True)


def execute(code, namespace):
    if code.co_flags & COROUTINE:
        await_all(eval(code, namespace))
    else:
        exec(code, namespace)


def await_all(coroutine):
    """Run a coroutine to its end. asyncio's own loops need sockets; this one has none."""
    import asyncio
    import time

    class Selector:
        def select(self, seconds):
            if seconds is None:
                raise RuntimeError("what is awaited here never happens")
            time.sleep(seconds)
            return []

    class Loop(asyncio.BaseEventLoop):
        _selector = Selector()

        def _process_events(self, events):
            pass

    loop = Loop()
    loop.run_until_complete(coroutine)


def position(statements, error, code):
    """Return which of the statements an exception left."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code is not code:
        trace = trace.tb_next
    line = trace.tb_lineno if trace else 0
    for at, statement in enumerate(statements):
        if line <= statement.end_lineno:
            return at
    return len(statements) - 1
