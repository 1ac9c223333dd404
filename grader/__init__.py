"""An autograder for an introductory CNN course whose every answer is verified by PyTorch."""

__version__ = "0.1.0"
