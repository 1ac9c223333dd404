# verdict: wrong_answer or runtime_error or memory_limit or time_limit
# limits: time_limit=0.2 total_limit=0.3

class Endless:
    def __len__(self):
        return 10**12

    def __getitem__(self, at):
        return self


def conv2d(input, kernel, bias):
    return Endless()
