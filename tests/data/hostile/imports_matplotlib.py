# verdict: not_allowed
# text: but not `matplotlib` (ex1.py, line 

import matplotlib.pyplot as plt
