# verdict: not_allowed
# text: `grader`

import grader.references
