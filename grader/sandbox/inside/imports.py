"""Which modules a program may import: its own, the standard library and the allowed packages. Untrusted side; see child.py."""

import os
import sys


class NotAllowed(ModuleNotFoundError):
    """The program imports a package that its exercise does not allow."""


class ImportFilter:
    """Finds the submission's own modules and refuses packages that the exercise does not allow.

    It only gives a clear message. It secures nothing: the sandbox does, in which the files of those packages are unreadable.
    """

    def __init__(self, allowed, modules):
        self.allowed = {*sys.stdlib_module_names, *allowed}
        self.folders = [folder for folder in sys.path if os.path.basename(folder) in ("site-packages", "dist-packages")]
        self.modules = {}
        for file, source in modules.items():
            name = file[:-3].replace("\\", "/").split("/")
            package = name[-1] == "__init__"
            self.modules[".".join(name[:-1] if package else name)] = (file, source, package)

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.allowed or name.startswith("_sysconfigdata"):
            return None  # `_sysconfigdata…` belongs to the standard library; its name differs from machine to machine
        if name not in self.modules:
            parents = {module.partition(".")[0] for module in self.modules}
            if name.partition(".")[0] in parents:
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
        exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)
