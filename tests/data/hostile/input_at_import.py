# verdict: runtime_error
# text: nobody types here

size = int(input())
