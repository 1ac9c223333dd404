# verdict: missing
# text: there is no function `conv2d`

import grader.references
