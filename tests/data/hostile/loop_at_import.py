# verdict: time_limit
# limits: load_limit=0.3
# text: no answer after 0.3 s

while True:
    pass
