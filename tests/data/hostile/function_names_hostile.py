# verdict: missing

globals()["::error::\x1b[2J\u202e"] = globals()["conv2d\n::notice::"] = print
