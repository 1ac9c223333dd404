# verdict: runtime_error
import urllib.request


def conv2d(input, kernel, bias):
    urllib.request.urlopen("http://127.0.0.1:@port@/", timeout=1)
    raise SystemExit("GOT THROUGH")
