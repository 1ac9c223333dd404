# verdict: memory_limit
# limits: memory_limit=256

held = []
while True:
    held.append(bytearray(1 << 20))
