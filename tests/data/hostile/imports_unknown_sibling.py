# verdict: not_allowed or runtime_error
# text: helper

from helper import right
