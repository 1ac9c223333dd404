"""What a person should look at in a program: found by reading it, never by running it. Untrusted side; see flags.py.

`look` is called behind the wall like a student's function, since even parsing a stranger's text is work for a place
where nothing can be lost. It returns rows of a code and a line. What a program computes of constants alone, it computes
too ("folds"), within narrow bounds: `'to' + 'rch'` is read as `torch`.
"""

import ast
import base64
import binascii
import codecs
import operator

UNREADABLE, PIECES, COMPUTED, FRAMES, NATIVE, RUNS, WALKS, TABLE = range(8)
PACKAGES = set(
    "torch scipy cv2 tensorflow jax sklearn skimage importlib ctypes cffi builtins os sys subprocess".split()
)
NATIVES = {"ctypes", "_ctypes", "cffi", "mmap"}
FRAME = set("_getframe _current_frames currentframe f_back f_locals f_globals tb_frame gi_frame cr_frame".split())
FRAME |= set("get_objects get_referrers settrace setprofile".split())
WALK = set("__subclasses__ __globals__ __mro__ __bases__ __base__ __code__ __closure__ __builtins__ __loader__".split())
RUN = {"eval", "exec", "compile", "execfile"}
IMPORTS = {"__import__", "import_module", "find_spec", "find_loader", "run_module"}
LONGEST, MOST, CELLS, STEPS = 2000, 200, 4, 200_000


def look(source):
    try:
        tree = ast.parse(source)
        reader = Reader(tree)
        reader.visit(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return [[UNREADABLE, getattr(error, "lineno", None) or 1]]
    return [list(row) for row in sorted(reader.found, key=lambda row: row[::-1])[:MOST]]


class Unknown(Exception):
    """Said of an expression that is not made of constants, or is of no use as a name."""


def times(left, right):
    text, number = (right, left) if isinstance(left, int) else (left, right)
    if isinstance(text, int) or number * len(text) > LONGEST:
        raise Unknown
    return text * number


def filled(left, right):
    return left % (tuple(right) if isinstance(right, list) else right)


OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.BitXor: operator.xor, ast.Mod: filled, ast.Mult: times}
PLAIN = {"chr": chr, "str": str, "bytes": bytes, "bytearray": bytes, "list": list, "tuple": list}
PLAIN["reversed"] = lambda items: list(items)[::-1]
OF_MODULES = {("codecs", "decode"): codecs.decode, ("base64", "b64decode"): base64.b64decode}
OF_MODULES |= {("binascii", "unhexlify"): binascii.unhexlify, ("bytes", "fromhex"): bytes.fromhex}
METHODS = set("join replace lower strip decode format swapcase removeprefix removesuffix split".split())


class Reader(ast.NodeVisitor):
    def __init__(self, tree):
        self.found, self.names, self.steps = set(), {}, 0
        stores = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
        for node in ast.walk(tree):  # names that are given a constant, once
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                if stores.count(node.targets[0].id) == 1:
                    self.names[node.targets[0].id] = node.value
        aliases = [node for node in ast.walk(tree) if isinstance(node, ast.alias)]
        self.imported = {alias.asname or alias.name for alias in aliases}

    def flag(self, code, node):
        self.found.add((code, node.lineno))

    def fold(self, node, names=None, depth=0):
        """Return what an expression of constants is worth. Raise Unknown."""
        self.steps += 1
        if depth > 40 or self.steps > STEPS:
            raise Unknown
        value = self.folded(node, lambda inner, more=names: self.fold(inner, more, depth + 1), names or {})
        if not isinstance(value, (str, bytes, int, list, tuple)) or hasattr(value, "__len__") and len(value) > LONGEST:
            raise Unknown
        return value

    def folded(self, node, fold, names):
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            if node.id in names:
                return names[node.id]
            if node.id in self.names:
                return fold(self.names[node.id])
        if isinstance(node, (ast.List, ast.Tuple)):
            return [fold(item) for item in node.elts]
        if isinstance(node, ast.JoinedStr):
            return "".join(str(fold(part)) for part in node.values)
        if isinstance(node, ast.FormattedValue) and node.format_spec is None:
            return fold(node.value)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -fold(node.operand)
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            return OPERATORS[type(node.op)](fold(node.left), fold(node.right))
        if isinstance(node, ast.Subscript):
            if isinstance(node.slice, ast.Slice):
                edges = (node.slice.lower, node.slice.upper, node.slice.step)
                return fold(node.value)[slice(*(None if edge is None else fold(edge) for edge in edges))]
            return fold(node.value)[fold(node.slice)]
        if isinstance(node, (ast.ListComp, ast.GeneratorExp)) and len(node.generators) == 1:
            one = node.generators[0]
            if isinstance(one.target, ast.Name) and not one.ifs:
                return [fold(node.elt, {**names, one.target.id: item}) for item in list(fold(one.iter))[:LONGEST]]
        if isinstance(node, ast.Call) and not node.keywords:
            return self.called(node, fold)
        raise Unknown

    def called(self, node, fold):
        name, owner = called_name(node.func), getattr(node.func, "value", None)
        if name == "map" and owner is None and called_name(node.args[0]) == "chr":
            return [chr(item) for item in fold(node.args[1])]
        arguments = [fold(argument) for argument in node.args]
        known = PLAIN.get(name) if owner is None else OF_MODULES.get((called_name(owner), name))
        if known and (name in ("chr", "str") or not isinstance(arguments[0], int)):  # bytes(10**9) is no name
            return known(*arguments)
        if owner is not None and name in METHODS and isinstance(value := fold(owner), (str, bytes)):
            return getattr(value, name)(*arguments)
        raise Unknown

    def visit(self, node):
        if isinstance(node, ast.expr) and not isinstance(node, (ast.Constant, ast.Name, ast.List, ast.Tuple)):
            text = self.worth(node)
            if isinstance(text, bytes):
                text = text.decode("latin-1")
            if isinstance(text, str) and (text.partition(".")[0] in PACKAGES or text in WALK | FRAME | RUN | IMPORTS):
                self.flag(PIECES, node)
                return
        super().visit(node)

    def worth(self, node):
        try:
            return self.fold(node)
        except Exception:  # whatever an expression of a stranger's constants can raise
            return None

    def visit_Import(self, node):
        self.imports(node, [name.name for name in node.names])

    def visit_ImportFrom(self, node):
        self.imports(node, [node.module or ""])
        if {name.name for name in node.names} & FRAME:
            self.flag(FRAMES, node)

    def imports(self, node, names):
        if {name.partition(".")[0] for name in names} & NATIVES:
            self.flag(NATIVE, node)

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load) and node.id in WALK:
            self.flag(WALKS, node)

    def visit_Attribute(self, node):
        for code, names in ((FRAMES, FRAME), (WALKS, WALK)):
            if node.attr in names:
                self.flag(code, node)
        if node.attr == "ctypes":
            self.flag(NATIVE, node)
        self.generic_visit(node)

    def visit_Call(self, node):
        name = called_name(node.func)
        if isinstance(node.func, ast.Name) and name in RUN:
            self.flag(RUNS, node)
        if name in IMPORTS and node.args and not isinstance(node.args[0], ast.Constant):
            self.flag(COMPUTED if self.worth(node.args[0]) is None else PIECES, node)
        if name in ("getattr", "setattr") and isinstance(node.func, ast.Name) and len(node.args) > 1:
            self.attribute(node, self.worth(node.args[1]))
        self.generic_visit(node)

    def attribute(self, node, name):
        if not isinstance(node.args[1], ast.Constant) and (name is None or called_name(node.args[0]) in self.imported):
            self.flag(COMPUTED if name is None else PIECES, node)
        for code, names in ((FRAMES, FRAME), (WALKS, WALK)):
            if name in names:
                self.flag(code, node)

    def visit_If(self, node):
        for child in node.body:
            if isinstance(child, ast.Return) and child.value is not None and grid(child.value):
                self.flag(TABLE, child)
        self.generic_visit(node)

    def visit_Dict(self, node):
        if sum(grid(value) for value in node.values if value is not None) >= 2:
            self.flag(TABLE, node)
        self.generic_visit(node)


def called_name(node):
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def grid(node):
    """Tell whether an expression is a table of numbers written out, or an array made of one."""
    if isinstance(node, ast.Call) and called_name(node.func) in ("array", "asarray", "tensor") and node.args:
        node = node.args[0]
    if not isinstance(node, (ast.List, ast.Tuple)):
        return False
    leaves = [leaf for leaf in ast.walk(node) if not isinstance(leaf, (ast.expr_context, ast.UnaryOp, ast.unaryop))]
    cells = [leaf for leaf in leaves if isinstance(leaf, ast.Constant) and isinstance(leaf.value, (int, float))]
    lists = [leaf for leaf in leaves if isinstance(leaf, (ast.List, ast.Tuple))]
    return len(cells) >= CELLS and len(cells) + len(lists) == len(leaves)
