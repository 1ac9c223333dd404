# verdict: not_allowed
# text: without `matplotlib` (ex1.py, line 

import matplotlib.pyplot as plt
