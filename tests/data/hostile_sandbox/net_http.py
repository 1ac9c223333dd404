# verdict: runtime_error
import http.client


def conv2d(input, kernel, bias):
    http.client.HTTPConnection("127.0.0.1", @port@, timeout=1).request("GET", "/")
    raise SystemExit("GOT THROUGH")
