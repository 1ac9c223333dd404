# verdict: runtime_error
# text: LookupError: HOME PATH PYTHONPATH absent

import os

if not {"HOME", "PATH", "PYTHONPATH", "GRADE_PACK", "USER"} & set(os.environ):
    raise LookupError("HOME PATH PYTHONPATH absent")
