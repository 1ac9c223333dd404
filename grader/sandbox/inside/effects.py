"""Which statements of a program have an effect on its answer: part of its outline (outline.py), untrusted side.

Whatever is in doubt stays: a call, a name that the function may read.
"""

import ast

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
JUMPS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
NOT_QUIET = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
ALL_NAMES = {"locals", "vars", "eval", "exec"}  # what calls them may read any name
PASSES = 10  # an assignment without a use may be the only use of another


def alive(statements, read=None):
    """Return statements without those that have no effect; `read` are the names that the function reads, if known."""
    found = []
    for statement in statements:
        if not isinstance(statement, DEFINITIONS):
            for field in ("body", "orelse", "finalbody"):
                if getattr(statement, field, None):
                    setattr(statement, field, alive(getattr(statement, field), read))
            for inner in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
                inner.body = alive(inner.body, read)
        constant = isinstance(getattr(statement, "test", None), ast.Constant)
        if constant and isinstance(statement, ast.If):
            found += statement.body if statement.test.value else statement.orelse
        elif constant and isinstance(statement, ast.While) and not statement.test.value:
            found += statement.orelse
        elif not without_effect(statement, read):
            found.append(statement)
        if found and isinstance(found[-1], JUMPS):
            break
    return found


def without_effect(statement, read):
    """Tell whether a statement does not change the answer; what it imports is part of the names."""
    if isinstance(statement, (ast.Pass, *IMPORTS)):
        return True
    if isinstance(statement, ast.Expr):
        value = statement.value
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print":
            return quiet(value, calls=True)
        return isinstance(value, ast.Constant) or (read is not None and quiet(value))
    if isinstance(statement, ast.If):
        return not statement.body and not statement.orelse and quiet(statement.test)
    if isinstance(statement, ast.AnnAssign) and statement.value is None:
        return True
    if read is None or not isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return False
    targets = getattr(statement, "targets", None) or [statement.target]
    return all(isinstance(t, ast.Name) and t.id not in read for t in targets) and quiet(statement.value)


def quiet(value, calls=False):
    """Tell whether computing a value changes nothing else."""
    loud = NOT_QUIET if calls else (*NOT_QUIET, ast.Call)
    return not any(isinstance(node, loud) for node in ast.walk(value))


def pruned(function):
    """Return the body of a function without statements that have no effect."""
    body = function.body if isinstance(function.body, list) else [ast.Return(function.body)]
    for _ in range(PASSES):
        nodes = [node for statement in body for node in ast.walk(statement)]
        read = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)}
        read |= {node.target.id for node in nodes if isinstance(node, ast.AugAssign) and hasattr(node.target, "id")}
        read |= {name for node in nodes if isinstance(node, (ast.Global, ast.Nonlocal)) for name in node.names}
        body = alive(body, None if read & ALL_NAMES else read)
        if sum(1 for statement in body for _ in ast.walk(statement)) == len(nodes):
            break
    return body
