# verdict: time_limit
# limits: load_limit=0.2
# text: no answer after 0.2 s

while True:
    pass
