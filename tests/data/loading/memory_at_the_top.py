# limits: memory_limit=192
# verdict: memory_limit
# text: MemoryError

held = []
while True:
    held.append([0] * 10_000)
