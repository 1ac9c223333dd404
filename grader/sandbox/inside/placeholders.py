"""Stand-ins for packages that an exercise does not allow: importing one is harmless, using it raises. Untrusted side.

Display packages (plots, progress bars, notebook widgets) show nothing and accept every use, so that a right function
that plots stays right. A stand-in holds its dotted name and nothing else, and this module imports nothing.
"""

FUNCTION = type(lambda: None)
DISPLAY = frozenset(
    "matplotlib pylab mpl_toolkits seaborn plotly bokeh altair IPython ipywidgets google tqdm progressbar fastprogress"
    " alive_progress rich termcolor colorama livelossplot grader".split()
)
PROGRESS = ("tqdm", "progressbar", "fastprogress", "alive_progress", "rich")  # what is given to them is iterated
COMPILERS = ("numba",)  # their decorators return the function
DECORATORS = frozenset(  # of other packages
    "jax.jit torch.jit.script torch.compile torch.no_grad torch.inference_mode tensorflow.function cupy.fuse"
    " line_profiler.profile memory_profiler.profile typeguard.typechecked beartype.beartype pytest.fixture".split()
)
SHOWING = frozenset(  # of packages that compute as well
    "imshow show waitKey waitKeyEx pollKey namedWindow destroyWindow destroyAllWindows moveWindow resizeWindow"
    " setWindowTitle startWindowThread cv2_imshow".split()
)
ABSENT = ("is_tensor", "is_available", "issparse")  # ask for the package itself: False without it
PICTURES = ("PIL.Image.fromarray",)  # made to be shown; as an array it cannot be used
KEY = ord("q")  # what `cv2.waitKey` returns, so that loops end that wait for it
BUILTINS = {  # that these packages, which courses once used for Python 2, only rename
    "past.builtins.xrange": range,
    "past.builtins.basestring": str,
    "past.builtins.unicode": str,
    "six.moves.xrange": range,
    "six.moves.range": range,
    "six.moves.zip": zip,
    "six.moves.map": map,
}
PYTHON2 = {"xrange", "raw_input", "unicode", "basestring", "unichr", "long", "reduce"}  # which no package defines
STARRED = ".*."  # between a package and a name that `import *` might have set
SHELLS = []  # what `IPython.get_ipython()` returns, in a notebook
RESULTS = {
    "plot": 1,
    "subplots": 2,
    "pie": 3,
    "hist": 3,
    "hist2d": 4,
    "axis": 4,
    "xlim": 2,
    "ylim": 2,
}  # to be unpacked


class NotAllowed(ModuleNotFoundError):
    """The program uses a package that its exercise does not allow; `name` is the package's."""


def refuse(value):
    """Raise NotAllowed for what stands in for a package; `path` is `module.name` where `import *` might have set a name."""
    module, starred, name = value._name.partition(STARRED)
    package = package_of(value)
    path = f"{module.rpartition('.')[2]}.{name.partition('.')[0]}" if starred else None
    raise NotAllowed(f"No module named {package!r} in this exercise", name=package, path=path)


def stand_in(name):
    """Return what an import of a package or module that is not allowed gives."""
    top = name.partition(".")[0]
    known = top in DISPLAY and (top != "google" or name == "google" or name.startswith("google.colab"))
    return (Display if known else Compiler if top in COMPILERS else Placeholder)(name)


def package_of(value):
    """Return the package that a value stands in for; None for any other value."""
    return value._name.partition(".")[0] if isinstance(value, Placeholder) else None


def mentioned(text):
    """Return the package that a message is about; empty for any other message."""
    before, found, _ = text.partition(", not available>")
    return before.rpartition("<")[2].partition(".")[0] if found else ""


class Placeholder:
    """A package, or anything of it. Attributes, annotations, base classes and isinstance are harmless."""

    __slots__ = ("_name",)

    def __init__(self, name):
        object.__setattr__(self, "_name", name)

    def __getattr__(self, attribute):
        if attribute == "_name" or attribute.startswith("__") and attribute not in HARMLESS:
            raise AttributeError(attribute)
        if attribute.startswith("__"):
            return self._name if attribute == "__name__" else HARMLESS[attribute]
        if attribute == "dtype" and not isinstance(self, Display):  # NumPy asks for it, and for its own, without end
            refuse(self)
        name = f"{self._name}.{attribute}"
        if name in BUILTINS:
            return BUILTINS[name]
        return (Display if attribute in SHOWING or name in PICTURES else type(self))(name)

    def __setattr__(self, attribute, value):
        pass

    def __call__(self, *arguments, **named):
        """Only a decorator may be called, which returns what it decorates, and what asks for the package itself."""
        if self._name.rpartition(".")[2] in ABSENT:
            return False
        if self._name not in DECORATORS:
            refuse(self)
        return decorated(arguments, named) or Compiler(self._name)

    def __getitem__(self, key):  # as in annotations
        return self

    def __bool__(self):
        return True

    def __or__(self, other):
        if other is None or isinstance(other, (type, str, Placeholder)) or hasattr(other, "__origin__"):
            return self
        refuse(self)

    __ror__ = __or__

    def __instancecheck__(self, instance):
        return False

    __subclasscheck__ = __instancecheck__

    def __mro_entries__(self, bases):
        """Return what stands in for a base class: it can be made and asked for its own methods, not for inherited ones."""
        package = self

        def missing(self, attribute):
            if attribute.startswith("__"):
                raise AttributeError(attribute)
            refuse(package)

        methods = {
            "__init__": lambda self, *arguments, **named: None,
            "__call__": lambda self, *arguments, **named: refuse(package),
            "__getattr__": missing,
        }
        return (type("Unavailable", (), methods),)

    def __array__(self, *arguments, **named):
        refuse(self)

    def __copy__(self, memo=None):
        return self

    __deepcopy__ = __copy__

    def __repr__(self):
        return f"<{self._name}, not available>"


HARMLESS = {
    "__name__": "",
    "__path__": [],
    "__all__": (),
    "__file__": "",
    "__version__": "0.0.0",
    "__package__": "",
    "__spec__": None,
    "__loader__": None,
}
UNARY = "neg pos abs invert".split()
BINARY = "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor".split()
COMPARISONS = "lt le gt ge".split()
OTHERS = (
    "iter next reversed len contains setitem delitem enter exit int float complex index round aiter anext await".split()
)


def _refused(self, *arguments):
    refuse(self)


for _operation in (*UNARY, *BINARY, *(f"r{name}" for name in BINARY), *COMPARISONS, *OTHERS):
    setattr(Placeholder, f"__{_operation}__", _refused)


def decorated(arguments, named):
    """Return the function or class that is the only argument of a call; None where it is not that of a decorator."""
    only = arguments[0] if len(arguments) == 1 and not named else None
    return only if isinstance(only, (FUNCTION, type)) else None


class Compiler(Placeholder):
    """A package whose decorators make a function faster: without it, the function is as right."""

    __slots__ = ()

    def __call__(self, *arguments, **named):
        if self._name.endswith("prange"):
            return range(*arguments)
        return decorated(arguments, named) or self


class Display(Placeholder):
    """A package that shows something, or anything of it: every use is accepted, nothing is shown."""

    __slots__ = ("_items",)

    def __init__(self, name, items=()):
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_items", items)

    def __call__(self, *arguments, **named):
        package, _, last = self._name.rpartition(".")
        if last in ("waitKey", "waitKeyEx", "pollKey"):
            return KEY
        if last == "subplots":
            axes = axes_of(*arguments[:2], **named)
            return axes if package.endswith("figure") else (Display("matplotlib.figure"), axes)
        if self._name == "IPython.get_ipython" and SHELLS:
            return SHELLS[0]
        if self._name.partition(".")[0] in PROGRESS:
            given = range(*arguments) if last in ("trange", "tnrange") else named.get("iterable", (*arguments, ())[0])
            return Display(f"{self._name}.shown", given if hasattr(given, "__iter__") else ())
        return decorated(arguments, named) or Display(self._name, (None,) * RESULTS.get(last, 0))

    def __iter__(self):
        items = self._items
        return iter([Display(self._name) for _ in items] if type(items) is tuple and set(items) == {None} else items)

    def __next__(self):
        raise StopIteration

    def __len__(self):
        return len(self._items)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def __str__(self):
        return ""

    def __format__(self, form):
        return ""


def _itself(self, *_):
    return self


for _operation in (*UNARY, *BINARY, *(f"r{name}" for name in BINARY), "or", "ror", "round", "reversed"):
    setattr(Display, f"__{_operation}__", _itself)
for _operation, _result in {
    **dict.fromkeys(COMPARISONS, False),
    "contains": False,
    "int": 0,
    "index": 0,
    "float": 0.0,
}.items():
    setattr(Display, f"__{_operation}__", lambda self, *_, result=_result: result)
for _operation in ("setitem", "delitem"):
    setattr(Display, f"__{_operation}__", lambda self, *_: None)


def axes_of(nrows=1, ncols=1, squeeze=True, **_):
    """Return what `subplots` gives for its axes: one, or an array of them."""
    import numpy as np

    axes = np.empty((nrows, ncols), object)
    for place in np.ndindex(axes.shape):
        axes[place] = Display("matplotlib.axes")
    return axes if not squeeze else axes.item() if axes.size == 1 else axes.squeeze()
