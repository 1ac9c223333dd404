# verdict: runtime_error
# text: graded code gets none

size = int(input())
