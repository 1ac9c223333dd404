# reference.py there is no function `first` | define `first` there
def scale(input, weight, power):
    return weight[:, None] * input**power
