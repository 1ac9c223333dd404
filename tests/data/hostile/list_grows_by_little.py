# verdict: memory_limit
# text: MemoryError
# limits: memory_limit=192

held = []
while True:
    held.append([])
