# verdict: missing
# text: there is no function `conv2d`

import matplotlib.pyplot as plt
