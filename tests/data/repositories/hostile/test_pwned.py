import conftest


def test_pwned():
    raise SystemExit(conftest)
