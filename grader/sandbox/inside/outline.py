"""A program's outline: its syntax tree without what a copier changes. similarity.py sends this to a process to run.

Untrusted source is parsed in a process of its own, because it can crash Python's parser. `outline` returns the number of
nodes and the 32 bytes of a digest; programs with equal digests are equal except for names, comments, annotations,
docstrings and layout.
"""

import ast
import hashlib
import warnings

import numpy as np

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
NAMELESS = ("ctx", "annotation", "returns", "type_comment", "type_params", "kind", "simple", "lineno")


def outline(sources, kept):
    """Outline a program's parts, which share their top-level names. `kept` is the graded function and its parameters."""
    warnings.simplefilter("ignore")  # the parser warns about the program
    parts = []
    for source in sources:
        try:
            parts.append(ast.parse(source))
        except (SyntaxError, ValueError):  # a cell that is not Python, beside others that are, is compared as text
            parts.append(source)
    if not any(isinstance(part, ast.AST) for part in parts):
        raise ValueError("none of its parts is Python")
    writer = Writer(kept)
    top = Scope(None)
    for part in parts:
        if isinstance(part, ast.AST):
            top.look(part.body)
    top.names[kept[0]] = ("kept", kept[0])
    for part in parts:
        if isinstance(part, ast.AST):
            writer.block(part.body, top)
        else:
            writer.word("broken", part)
    return np.array([writer.nodes, *writer.hash.digest()])


class Scope:
    """The names that a function, a lambda, a comprehension or the program itself binds, and how each is written."""

    def __init__(self, outer, inside_class=False):
        self.outer, self.inside_class = outer, inside_class
        self.names, self.elsewhere, self.parameters = {}, set(), {}

    def look(self, nodes):
        """Record what these nodes bind, excluding functions within them."""
        waiting = list(reversed(nodes))
        imported = {}
        while waiting:
            node = waiting.pop()
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                self.bind(node.name)
                if not isinstance(node, ast.ClassDef):
                    self.parameters[node.name] = [a.arg for a in arguments(node.args)]
                waiting += node.decorator_list
                continue
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                module = getattr(node, "module", None)
                for alias in node.names:
                    whole = f"{module}.{alias.name}" if module else alias.name
                    name = alias.asname or (alias.name if module else alias.name.partition(".")[0])
                    imported[name] = whole if alias.asname or module else name
                continue
            if isinstance(node, SCOPES):
                continue  # a name that `:=` binds in a comprehension belongs to the comprehension here
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                self.bind(node.id)
            elif isinstance(node, ast.ExceptHandler) and node.name:
                self.bind(node.name)
            elif isinstance(node, (ast.Global, ast.Nonlocal)) and self.outer:
                self.elsewhere.update(node.names)
                if isinstance(node, ast.Global):
                    self.top().names.update({name: self.top().names.get(name) for name in node.names})
            else:  # what a pattern of `match` binds
                for field in ("name", "rest"):
                    if type(node).__name__.startswith("Match") and getattr(node, field, None):
                        self.bind(getattr(node, field))
            waiting += reversed(list(ast.iter_child_nodes(node)))
        for name, whole in imported.items():
            self.names.setdefault(name, ("import", whole))

    def bind(self, name):
        self.names[name] = None

    def top(self):
        return self if self.outer is None else self.outer.top()

    def find(self, name):
        """Return the scope that binds a name; None for a built-in."""
        scope = self
        while scope is not None:
            if name in scope.names and name not in scope.elsewhere and (scope is self or not scope.inside_class):
                return scope
            scope = scope.outer
        return None


class Writer:
    """Writes the outline into a hash, node by node, each word with its length."""

    def __init__(self, kept):
        self.kept, self.hash, self.nodes, self.count = kept, hashlib.sha256(), 0, 0

    def word(self, *words):
        for word in words:
            data = str(word).encode("utf-8", "surrogatepass")
            self.hash.update(len(data).to_bytes(8, "little") + data)

    def name(self, name, scope):
        """Write a name: a number in order of appearance if the program binds it, otherwise the name."""
        home = scope.find(name)
        if home and home.names[name] is None:
            self.count += 1
            home.names[name] = ("name", name) if home.inside_class else ("own", self.count)  # a class's: attributes
        self.word(*(home.names[name] if home else ("name", name)))

    def block(self, statements, scope):
        kept = [s for s in statements if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
        kept = [s for s in kept if not (isinstance(s, ast.AnnAssign) and s.value is None)]
        self.word("block", len(kept))
        for statement in kept:
            self.node(statement, scope)

    def node(self, node, scope):
        self.nodes += isinstance(node, (ast.expr, ast.stmt))
        getattr(self, f"on_{type(node).__name__.lower()}", self.other)(node, scope)

    def other(self, node, scope):
        name = type(node).__name__
        self.word(name)
        for field, value in ast.iter_fields(node):
            if field in NAMELESS:
                continue
            if isinstance(value, ast.AST):
                self.node(value, scope)
            elif isinstance(value, list) and field in ("body", "orelse", "finalbody"):
                self.block(value, scope)
            elif isinstance(value, list):
                self.nested(value, scope)
            elif name.startswith("Match") and field in ("name", "rest") and value:
                self.name(value, scope)
            else:
                self.word(field, value)

    def on_name(self, node, scope):
        self.name(node.id, scope)

    def on_constant(self, node, scope):
        value = node.value
        self.word("constant", type(value).__name__, hex(value) if type(value) is int else repr(value))

    def on_annassign(self, node, scope):  # as if it had no annotation
        self.word("Assign")
        self.nested([node.target], scope)
        self.node(node.value, scope)

    def on_global(self, node, scope):
        self.word(type(node).__name__)
        for name in node.names:
            self.name(name, scope)

    on_nonlocal = on_global

    def on_excepthandler(self, node, scope):
        self.word(bool(node.name))
        if node.name:
            self.name(node.name, scope)
        self.nested([node.type] if node.type else [], scope)
        self.block(node.body, scope)

    def on_classdef(self, node, scope):
        self.word("class")
        self.name(node.name, scope)
        self.nested([*node.bases, *node.keywords, *node.decorator_list], scope)
        inner = Scope(scope, inside_class=True)
        inner.look(node.body)
        self.block(node.body, inner)

    def nested(self, nodes, scope):
        self.word("list", len(nodes))
        for node in nodes:
            if isinstance(node, ast.AST):
                self.node(node, scope)
            else:
                self.word(node)

    def on_import(self, node, scope):
        """Write an import; a name that the program also binds itself is written like any other name."""
        self.word("import", len(node.names))
        for alias in node.names:
            name = alias.asname or alias.name
            home = scope.find(name)
            if home and (home.names[name] or ("own",))[0] != "import":
                self.name(name, scope)
            else:
                self.word(getattr(node, "module", None), alias.name)

    on_importfrom = on_import

    def on_functiondef(self, node, scope):
        """Write a function: its decorators and defaults in the outer scope, then its parameters and its body."""
        name, given = getattr(node, "name", ""), node.args
        self.word(type(node).__name__, bool(given.vararg), bool(given.kwarg), len(given.posonlyargs), len(given.args))
        if name:
            self.name(name, scope)
            self.nested(node.decorator_list, scope)
        self.nested([*given.defaults, *(d or ast.Constant(...) for d in given.kw_defaults)], scope)
        inner = Scope(scope)
        body = node.body if isinstance(node.body, list) else [ast.Return(node.body)]
        inner.look(body)
        graded = scope.outer is None and name == self.kept[0]
        for argument in arguments(given):
            inner.names[argument.arg] = ("kept", argument.arg) if graded and argument.arg in self.kept else None
            self.name(argument.arg, inner)
        self.block(body, inner)

    on_asyncfunctiondef = on_lambda = on_functiondef

    def on_listcomp(self, node, scope):
        inner = Scope(scope)
        inner.look([generator.target for generator in node.generators])
        self.word(type(node).__name__, len(node.generators))
        for number, generator in enumerate(node.generators):
            self.node(generator.iter, inner if number else scope)
            self.node(generator.target, inner)
            self.nested(generator.ifs, inner)
        for field in ("elt", "key", "value"):
            if hasattr(node, field):
                self.node(getattr(node, field), inner)

    on_setcomp = on_dictcomp = on_generatorexp = on_listcomp

    def on_call(self, node, scope):
        """Write a call; arguments of the program's own functions are numbered by position instead of named."""
        self.word("Call")
        self.node(node.func, scope)
        self.nested(node.args, scope)
        home = scope.find(node.func.id) if isinstance(node.func, ast.Name) else None
        own = home.parameters.get(node.func.id, ()) if home else ()
        for keyword in node.keywords:
            self.word("by", own.index(keyword.arg) if keyword.arg in own else keyword.arg)
            self.node(keyword.value, scope)


def arguments(given):
    """Return all parameters, in order."""
    several = [argument for argument in (given.vararg, given.kwarg) if argument]
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *several]
