#!/bin/sh
# Test the wheel, without torch, on every Python from 3.10 to 3.13 that this machine has. Argument: a Python with pip.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" -m pip wheel --quiet --no-deps --wheel-dir "$work" .
wheel=$(ls "$work"/*.whl)
tested=0
for version in 3.10 3.11 3.12 3.13; do
    python=$(command -v "python$version" || true)
    # pyenv leaves commands behind that only say that they are not active
    if [ -n "$python" ] && ! "$python" -c '' 2>/dev/null; then
        python=$(ls -d "${PYENV_ROOT:-/nonexistent}"/versions/"$version".*/bin/python 2>/dev/null | tail -n 1)
    fi
    [ -n "$python" ] || { echo "python$version: not on this machine"; continue; }
    "$python" -m venv "$work/$version"
    "$work/$version/bin/python" -m pip install --quiet "$wheel[test]"
    echo "python$version, without torch:"
    (cd "$work" && "$work/$version/bin/pytest" -q -m "not torch" -p no:cacheprovider --rootdir "$OLDPWD" \
        -c "$OLDPWD/pyproject.toml" "$OLDPWD/tests")
    tested=$((tested + 1))
done
[ "$tested" -gt 0 ] || { echo "no Python between 3.10 and 3.13 was found" >&2; exit 1; }
