"""Which of torch's operators a program runs, told by torch's own dispatcher: what is forbidden is refused there.

Not a wall: the program shares this process, and who knows torch's inside can get around it (README.md names ways). It
is a rule for the honest and a hurdle for others: it does not matter how an operator is reached, by which name or
through which layer, nor when: while loading, in a call or in what a returned object does when it is looked at.
"""

import re
import sys

# The known ways to switch a dispatch mode off, or to go below it. No program of a course needs one of them.
DOORS = {
    "torch._C": """
        _pop_torch_dispatch_stack _unset_dispatch_mode _set_dispatch_mode _DisableTorchDispatch _ForceDispatchKeyGuard
        _ExcludeDispatchKeyGuard ExcludeDispatchKeyGuard _SetExcludeDispatchKeyGuard _IncludeDispatchKeyGuard
        _PreserveDispatchKeyGuard _AutoDispatchBelowAutograd _AutoDispatchBelowADInplaceOrView
        _dispatch_tls_set_dispatch_key_excluded _dispatch_tls_set_dispatch_key_included _jit_set_llga_enabled
    """,
    "torch.utils._python_dispatch": "_pop_torch_dispatch_stack _pop_mode _pop_mode_temporarily _disable_current_modes",
    "torch._ops": "_pop_mode_temporarily",
}


class Forbidden(BaseException):  # not an Exception: `try: … except Exception:` is to be of no use
    """The program runs an operator that this exercise is to be written without; `name` is the spec's word for it."""

    def __init__(self, name):
        super().__init__(f"torch's `{name}` is not to be used in this exercise")
        self.name = name


class Watch:
    """Refuses operators from now on; `still` tells whether it was switched off. `rules` pair names and patterns."""

    def __init__(self, rules):
        import torch
        from torch.utils import _python_dispatch

        self.rules = [(name, re.compile(pattern)) for name, pattern in rules]
        self.known = {}
        self.depth, self.at = torch._C._len_torch_dispatch_stack, torch._C._get_dispatch_stack_at
        watch = self

        class Mode(_python_dispatch.TorchDispatchMode):
            @classmethod
            def _should_skip_dynamo(cls):  # else torch imports its compiler, which takes seconds
                return False

            def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
                watch.check(operator)
                return operator(*args, **(kwargs or {}))

        self.mode = Mode()
        self.mode.__enter__()
        for module, names in DOORS.items():
            for name in names.split():
                if hasattr(sys.modules.get(module), name):
                    setattr(sys.modules[module], name, closed(name))

    def check(self, operator):
        """Raise Forbidden for an operator that is not to be run."""
        if operator not in self.known:
            own = operator._schema.name.partition("::")[2]
            self.known[operator] = next((name for name, pattern in self.rules if pattern.search(own)), None)
        if self.known[operator]:
            raise Forbidden(self.known[operator])

    def still(self):
        """Raise Forbidden unless every operator still comes by here first."""
        if self.depth() != 1 or self.at(0) is not self.mode:
            raise Forbidden("TorchDispatchMode")


def closed(name):
    """Return what stands in a door's place."""

    def refuse(*_, **__):
        raise Forbidden(name)

    return refuse
