"""Which modules a program may import: its own, the standard library and the allowed packages. Untrusted side; see child.py."""

import builtins
import os
import sys

from placeholders import PYTHON2, NotAllowed, stand_in


class ImportFilter:
    """Finds the submission's own modules and refuses packages that the exercise does not allow.

    In the submission's own files, such an import gives a placeholder (see placeholders.py) and fails where the program
    says what to do then; in libraries, it fails. It only gives a clear message. It secures nothing: the sandbox does, in which the files of those packages are unreadable.
    """

    def __init__(self, allowed, modules, cells, loader):
        self.cells, self.loader, self.original = cells, loader, builtins.__import__
        self.files = {file for file, _ in cells} | set(modules)
        self.allowed = {*sys.stdlib_module_names, *allowed}
        self.folders = [folder for folder in sys.path if os.path.basename(folder) in ("site-packages", "dist-packages")]
        self.modules = {}
        for file, source in modules.items():
            if file.endswith(".ipynb"):  # which `%run` alone can run
                continue
            name = file[:-3].replace("\\", "/").split("/")
            package = name[-1] == "__init__"
            self.modules[".".join(name[:-1] if package else name)] = (file, source, package)
        self.parents = {module.partition(".")[0] for module in self.modules}

    def install(self):
        sys.meta_path.insert(0, self)
        builtins.__import__ = self.import_

    def import_(self, name, globals=None, locals=None, fromlist=(), level=0):
        """Stand in for `__import__`, which every import statement calls.

        A file of a course's package is graded without the package: imports from that look beside the file.
        """
        if level and not (globals or {}).get("__package__"):
            if not name:
                return Siblings(self, globals)
            level = 0
        top = name.partition(".")[0]
        if not level and top not in self.allowed and top not in self.parents:
            if fromlist and "." in name and name.rpartition(".")[2] in self.modules:
                return self.original(name.rpartition(".")[2], globals, locals, fromlist, 0)
            frame = sys._getframe(1)
            file = frame.f_code.co_filename
            if file in self.files and not self.loader.is_guarded(file, frame.f_lineno):
                if fromlist == ("*",):
                    self.import_all(name, frame.f_globals, file)
                return stand_in(name if fromlist else top)
        return self.original(name, globals, locals, fromlist, level)

    def import_all(self, name, namespace, file):
        """Set the names that the file, or any cell, uses and nothing sets so far: they are taken for the package's."""
        if name == "pylab":  # which is NumPy too
            namespace.update(
                {key: value for key, value in vars(sys.modules["numpy"]).items() if not key.startswith("_")}
            )
        package = stand_in(f"{name}.*")
        own = [(file, source) for file_, source, _ in self.modules.values() if file_ == file] or self.cells
        for loose in set(self.loader.loose_names(own)) - PYTHON2:
            namespace.setdefault(loose, getattr(package, loose, None))

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.allowed or name.startswith("_sysconfigdata"):
            return None  # `_sysconfigdata…` belongs to the standard library; its name differs from machine to machine
        if name not in self.modules:
            if name.partition(".")[0] in self.parents:
                return None
            raise NotAllowed(f"No module named {name!r} in this exercise", name=name)
        from importlib.machinery import ModuleSpec

        file, _, package = self.modules[name]
        spec = ModuleSpec(name, self, origin=file, is_package=package)
        spec.has_location = True
        return spec

    def refused_package(self, error):
        """Return the package that an import failed for because the sandbox hides it; empty for any other error."""
        if isinstance(error, ModuleNotFoundError) and isinstance(error.name, str):
            package = error.name.partition(".")[0]
            return "" if package in self.allowed else package
        if isinstance(error, OSError) and isinstance(error.filename, str):
            for folder in self.folders:
                if error.filename.startswith(folder + "/"):
                    package = error.filename[len(folder) + 1 :].partition("/")[0].partition(".")[0]
                    return "" if package in self.allowed else package
        return ""

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        file, source, _ = self.modules[module.__name__]
        self.loader.run(file, source, module.__dict__)


class Siblings:
    """What `from . import helper` imports from, in a file whose package is not there."""

    __all__ = ()

    def __init__(self, imports, namespace):
        self._imports, self._namespace = imports, namespace

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name in self._imports.modules:
            self._imports.original(name, self._namespace)
            return sys.modules[name]
        return stand_in(name)
