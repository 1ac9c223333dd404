# limits: load_limit=0.2
# verdict: time_limit
# text: of loading

import numpy as np


def make():
    while True:
        pass


conv2d = make()
