from .conv import scale as ONE
