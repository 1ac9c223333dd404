"""What is read off a program's syntax tree before and after it runs. Untrusted side; see loading.py."""

import _ast as ast

CATCHING = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException")
SIMPLE = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.UnaryOp),
    *(ast.expr_context, ast.unaryop),
)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def futures(tree):
    """Return the flags of the file's `from __future__ import …`."""
    names = [a.name for s in tree.body if isinstance(s, ast.ImportFrom) and s.module == "__future__" for a in s.names]
    if not names:
        return 0
    import __future__

    return sum({getattr(__future__, name).compiler_flag for name in names if name in __future__.all_feature_names})


def portions(tree, notebook):
    """Yield the statements to compile together, with the first one's number; 0 for those that cannot take long."""
    together = []
    for number, statement in enumerate(tree.body):
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and number:
            continue  # a text between others would become the docstring
        short = is_short(statement, notebook)
        if together and (not short or statement.lineno == together[-1].end_lineno):
            yield 0, together
            together = []
        if short:
            together.append(statement)
        else:
            yield number + 1, [statement]
    if together:
        yield 0, together


def is_short(statement, notebook):
    """Tell whether a statement cannot take long, whatever its values are."""
    if isinstance(statement, (ast.Import, ast.ImportFrom, ast.Pass, ast.Global)):
        return True
    if isinstance(statement, FUNCTIONS):
        given = statement.args
        return not statement.decorator_list and simple([*given.defaults, *filter(None, given.kw_defaults)])
    if isinstance(statement, ast.ClassDef):
        plain = not statement.decorator_list and not statement.keywords and simple(statement.bases)
        return plain and all(is_short(inner, True) for inner in statement.body)
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return simple([*targets, *filter(None, [statement.value])])
    if is_main(statement) and not notebook and not statement.orelse:  # a submission is not `__main__`
        return True
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def is_main(statement):
    """Tell whether a statement is `if __name__ == "__main__":`."""
    test = getattr(statement, "test", None)
    return (
        isinstance(statement, ast.If)
        and isinstance(test, ast.Compare)
        and "__name__" in [name for node in (test.left, *test.comparators) for name in named(node)]
    )


def simple(nodes):
    return all(isinstance(node, SIMPLE) for node in walk(nodes))


def walk(nodes, skip=()):
    """Yield nodes and all within them, but what is within functions and the like of types `skip`."""
    waiting = [*reversed(nodes)]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, skip):
            for field in node._fields:
                value = getattr(node, field, None)
                if isinstance(value, ast.AST):
                    waiting.append(value)
                elif isinstance(value, list):
                    waiting += [item for item in reversed(value) if isinstance(item, ast.AST)]


def bound(statements):
    """Return the names that statements set; `*` for an import of all names."""
    names = set()
    for node in walk(statements, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
    return names


def guarded(tree):
    """Yield the imports that may fail: the program says what to do then."""
    for node in walk([tree]):
        body = ()
        if isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
            caught = [name for handler in node.handlers for name in caught_by(handler.type)]
            body = node.body if set(caught) & set(CATCHING) else ()
        elif isinstance(node, ast.With):
            calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
            body = node.body if any("suppress" in named(call.func) for call in calls) else ()
        for inner in walk([*body], (*FUNCTIONS, ast.Lambda)):
            if isinstance(inner, (ast.Import, ast.ImportFrom)):
                yield inner


def caught_by(kind):
    """Return the names of the exceptions that a handler catches; a bare one catches all."""
    if kind is None:
        return ("BaseException",)
    return [name for item in (kind.elts if isinstance(kind, ast.Tuple) else [kind]) for name in named(item)]


def named(node):
    return (node.id,) if isinstance(node, ast.Name) else (node.attr,) if isinstance(node, ast.Attribute) else ()


def loose(trees, builtin):
    """Return the names that are used and set nowhere: an import of all names may set them."""
    used, made = set(), set()
    for node in walk(trees):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else made).add(node.id)
        elif isinstance(node, ast.arg):
            made.add(node.arg)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)):
            made.update(bound([node]))
    return used - made - set(builtin)


def called(function):
    """Return the names that a function's calls begin with: `f()` and `f.g()` call `f`."""
    found = set()
    for node in walk([*function.body]):
        if isinstance(node, ast.Call):
            node = node.func
            while isinstance(node, (ast.Attribute, ast.Subscript)):
                node = node.value
            found.update(named(node))
    return found
