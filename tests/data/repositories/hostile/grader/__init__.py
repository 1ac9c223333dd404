import os

with open(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "pwned"), "a") as file:
    file.write(__file__)
