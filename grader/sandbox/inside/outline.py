"""A program's outline: the graded function and what it reaches, without what a copier changes.

classroom/outlines.py sends this to a process to run: untrusted source is parsed in a process of its own, because it can crash
Python's parser. `outline` returns numbers only: how many nodes there are, the 32 bytes of a digest, and fingerprints.
Programs with equal digests are equal except for names, the order of definitions, imports, comments, annotations,
docstrings, layout, code without an effect, and whatever the graded function does not use. A fingerprint stands for a
few tokens in a row, so programs with some lines changed share most of them.
"""

import ast
import collections
import hashlib
import warnings

import numpy as np
from effects import DEFINITIONS, IMPORTS, alive, pruned

RUN = 12  # tokens of a fingerprint: more than half a line
WINDOW = 4  # of as many fingerprints in a row at least one is kept (winnowing: Schleimer, Wilkerson, Aiken 2003)
MOST = 400  # fingerprints of a program
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
NAMELESS = ("ctx", "annotation", "returns", "type_comment", "type_params", "kind", "simple", "lineno")


def outline(sources, kept, own):
    """Outline a program's parts, which share their top-level names.

    `kept` is the graded function and its parameters, `own` are the names of the program's own modules.
    """
    warnings.simplefilter("ignore")  # the parser warns about the program
    program, broken = [], []
    for source in sources:
        try:
            program += ast.parse(source).body
        except (SyntaxError, ValueError):  # a cell that is not Python, beside others that are, is compared as text
            broken.append(source)
    if len(broken) == len(sources):
        raise ValueError("none of its parts is Python")
    top = Scope(None, own=set(own))
    top.look(program)
    writer = Writer(kept, definitions(program))
    top.names[kept[0]] = ("kept", kept[0])
    if kept[0] in writer.definitions:
        writer.reached(kept[0], top)
    else:
        writer.block(alive(program), top)
        for part in broken:
            writer.word("broken", part)
    return np.array([writer.nodes, *writer.hash.digest(), *fingerprints(writer.tokens)])


def definitions(program):
    """Return the statements at the top of a program that give each name its value."""
    found = {}
    for statement in program:
        scope = Scope(None)
        scope.look([statement])
        stores = (
            node.value
            for node in ast.walk(statement)
            if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
            and isinstance(node, ast.Subscript | ast.Attribute)
        )
        for name in dict.fromkeys([*scope.names, *(base.id for base in stores if isinstance(base, ast.Name))]):
            if not isinstance(statement, IMPORTS):
                found.setdefault(name, []).append(statement)
    return {name: every[-1:] if isinstance(every[-1], DEFINITIONS) else every for name, every in found.items()}


def fingerprints(tokens):
    """Return numbers that stand for runs of tokens, in order of size: the same wherever the run stands."""
    runs = ["\n".join(tokens[start : start + RUN]) for start in range(max(len(tokens) - RUN, 0) + 1)]
    hashes = [
        int.from_bytes(hashlib.blake2b(run.encode("utf-8", "replace"), digest_size=4).digest(), "big") for run in runs
    ]
    kept = {min(hashes[start : start + WINDOW]) for start in range(max(len(hashes) - WINDOW, 0) + 1)}
    return sorted(kept)[:MOST]


class Scope:
    """The names that a function, a lambda, a comprehension or the program itself binds, and how each is written."""

    def __init__(self, outer, inside_class=False, own=()):
        self.outer, self.inside_class = outer, inside_class
        self.own = outer.own if outer else own
        self.names, self.elsewhere, self.parameters = {}, set(), {}

    def look(self, nodes):
        """Record what these nodes bind, excluding functions within them."""
        waiting = list(reversed(nodes))
        imported = {}
        while waiting:
            node = waiting.pop()
            if isinstance(node, DEFINITIONS):
                self.bind(node.name)
                if not isinstance(node, ast.ClassDef):
                    self.parameters[node.name] = [a.arg for a in arguments(node.args)]
                waiting += node.decorator_list
                continue
            if isinstance(node, IMPORTS):
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

    def imported(self, node):
        """Return what a name or an attribute of it stands for if it was imported (`numpy.pad`), or nothing."""
        attributes = []
        while isinstance(node, ast.Attribute):
            attributes.append(node.attr)
            node = node.value
        home = self.find(node.id) if isinstance(node, ast.Name) else None
        kind, whole = (home and home.names[node.id]) or ("", "")
        return ".".join([whole, *reversed(attributes)]) if kind == "import" else ""


class Writer:
    """Writes the outline into a hash, node by node, each word with its length, and collects the tokens."""

    def __init__(self, kept, definitions):
        self.kept, self.definitions = kept, definitions
        self.hash, self.tokens, self.nodes, self.count = hashlib.sha256(), [], 0, 0
        self.waiting, self.written = collections.deque(), set()

    def reached(self, name, top):
        """Write what gives a top-level name its value, then what that uses, in the order of its use."""
        self.waiting.append(name)
        while self.waiting:
            for statement in self.definitions.get(self.waiting.popleft(), ()):
                if id(statement) not in self.written:
                    self.written.add(id(statement))
                    self.block(alive([statement]), top)

    def word(self, *words, token=None):
        for word in words:
            data = str(word).encode("utf-8", "surrogatepass")
            self.hash.update(len(data).to_bytes(8, "little") + data)
        self.tokens.append(token or " ".join(map(str, words)))

    def name(self, name, scope):
        """Write a name: a number in order of appearance if the program binds it, otherwise the name."""
        home = scope.find(name)
        if home and home.names[name] is None:
            self.count += 1
            home.names[name] = ("name", name) if home.inside_class else ("own", self.count)  # a class's: attributes
            if home.outer is None:
                self.waiting.append(name)
        kind, which = home.names[name] if home else ("name", name)
        self.word(kind, which, token="own" if kind == "own" else None)

    def block(self, statements, scope):
        self.word("block", len(statements), token="block")
        for statement in statements:
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

    def on_attribute(self, node, scope):
        """Write what was imported by its whole name, and what is from the program's own module like any other name."""
        module, _, last = (path := scope.imported(node)).rpartition(".")
        if module.rpartition(".")[2] in scope.own and last in scope.top().names:
            self.name(last, scope.top())
        elif path:
            self.word("import", path)
        elif isinstance(node, ast.Name):
            self.name(node.id, scope)
        else:
            self.other(node, scope)

    on_name = on_attribute

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
        body = alive(node.body)
        inner.look(body)
        self.block(body, inner)

    def nested(self, nodes, scope):
        self.word("list", len(nodes))
        for node in nodes:
            if isinstance(node, ast.AST):
                self.node(node, scope)
            else:
                self.word(node)

    def on_functiondef(self, node, scope):
        """Write a function: its decorators and defaults in the outer scope, then its parameters and its body."""
        name, given = getattr(node, "name", ""), node.args
        self.word(type(node).__name__, bool(given.vararg), bool(given.kwarg), len(given.posonlyargs), len(given.args))
        if name:
            self.name(name, scope)
            self.nested(node.decorator_list, scope)
        self.nested([*given.defaults, *(d or ast.Constant(...) for d in given.kw_defaults)], scope)
        inner = Scope(scope)
        inner.look(node.body if isinstance(node.body, list) else [node.body])
        body = pruned(node)
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
