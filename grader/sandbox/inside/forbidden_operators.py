"""Refuse forbidden torch operators, by a mode of torch's own dispatcher. Untrusted side; see child.py.

It sees an operator whatever name or layer the program uses, and at any time: while loading, in a call, or when a returned
object is converted. It is not a security layer: the program shares this process, and someone who knows torch's internals
can get around it (README.md names ways).
"""

import re
import sys

# The known ways to switch a dispatch mode off or to bypass it. No program of a course needs one of them.
BYPASSES = {
    "torch._C": """
        _pop_torch_dispatch_stack _unset_dispatch_mode _set_dispatch_mode _DisableTorchDispatch _ForceDispatchKeyGuard
        _ExcludeDispatchKeyGuard ExcludeDispatchKeyGuard _SetExcludeDispatchKeyGuard _IncludeDispatchKeyGuard
        _PreserveDispatchKeyGuard _AutoDispatchBelowAutograd _AutoDispatchBelowADInplaceOrView
        _dispatch_tls_set_dispatch_key_excluded _dispatch_tls_set_dispatch_key_included _jit_set_llga_enabled
    """,
    "torch.utils._python_dispatch": "_pop_torch_dispatch_stack _pop_mode _pop_mode_temporarily _disable_current_modes",
    "torch._ops": "_pop_mode_temporarily",
}


class ForbiddenOperator(BaseException):  # not an Exception: `except Exception:` must not catch it
    """The program runs an operator that its exercise forbids; `name` is the name in the spec."""

    def __init__(self, name):
        super().__init__(f"this exercise forbids torch's `{name}`")
        self.name = name


class OperatorFilter:
    """Refuses operators from now on. `rules` are pairs of a name and the pattern of its operators."""

    def __init__(self, rules):
        import torch
        from torch.utils import _python_dispatch

        self.rules = [(name, re.compile(pattern)) for name, pattern in rules]
        self.known = {}
        self.depth, self.at = torch._C._len_torch_dispatch_stack, torch._C._get_dispatch_stack_at
        filter = self

        class Mode(_python_dispatch.TorchDispatchMode):
            @classmethod
            def _should_skip_dynamo(cls):  # otherwise torch imports its compiler, which takes seconds
                return False

            def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
                filter.check(operator)
                return operator(*args, **(kwargs or {}))

        self.mode = Mode()
        self.mode.__enter__()
        for module, names in BYPASSES.items():
            for name in names.split():
                if hasattr(sys.modules.get(module), name):
                    setattr(sys.modules[module], name, refusing(name))

    def check(self, operator):
        """Raise ForbiddenOperator if an operator is forbidden."""
        if operator not in self.known:
            own = operator._schema.name.partition("::")[2]
            self.known[operator] = next((name for name, pattern in self.rules if pattern.search(own)), None)
        if self.known[operator]:
            raise ForbiddenOperator(self.known[operator])

    def verify_active(self):
        """Raise ForbiddenOperator unless this is still the dispatcher's only mode."""
        if self.depth() != 1 or self.at(0) is not self.mode:
            raise ForbiddenOperator("TorchDispatchMode")


def refusing(name):
    """Return the function that replaces a bypass."""

    def refuse(*_, **__):
        raise ForbiddenOperator(name)

    return refuse
