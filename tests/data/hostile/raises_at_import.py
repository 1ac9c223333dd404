# verdict: runtime_error
# text: ZeroDivisionError: division by zero (ex1.py, line 4)

1 / 0
