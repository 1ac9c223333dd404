# verdict: runtime_error
# text: SIGKILL

import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
