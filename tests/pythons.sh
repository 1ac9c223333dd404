#!/bin/sh
# Test the wheel, without torch, on every Python from 3.10 to 3.13 that this machine has, two at a time.
# Argument: a Python with pip, which builds the wheel.
set -eu
cd "$(dirname "$0")/.."
home=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" -m pip wheel --quiet --no-deps --wheel-dir "$work" .
wheel=$(ls "$work"/*.whl)

find_python() {
    python=$(command -v "python$1" || true)
    # pyenv leaves commands behind that only say that they are not active
    if [ -n "$python" ] && ! "$python" -c '' 2>/dev/null; then
        python=$(ls -d "${PYENV_ROOT:-/nonexistent}/versions/$1".*/bin/python 2>/dev/null | tail -n 1)
    fi
    echo "$python"
}

test_on() { # version, interpreter
    "$2" -m venv "$work/$1"
    "$work/$1/bin/python" -m pip install --quiet "$wheel[test]"
    cd "$work"
    "$work/$1/bin/pytest" -q -m "not torch and not once" --rootdir "$home" -c "$home/pyproject.toml" "$home/tests"
}

tested=0 failed=0
for pair in "3.10 3.11" "3.12 3.13"; do
    running=
    for version in $pair; do
        python=$(find_python "$version")
        [ -n "$python" ] || { echo "python$version: not on this machine"; continue; }
        test_on "$version" "$python" > "$work/$version.log" 2>&1 &
        running="$running $version:$!"
    done
    for job in $running; do
        version=${job%%:*}
        tested=$((tested + 1))
        if wait "${job##*:}"; then
            echo "python$version, without torch: $(tail -n 1 "$work/$version.log")"
        else
            failed=$((failed + 1))
            echo "python$version, without torch, failed:"
            tail -n 60 "$work/$version.log"
        fi
    done
done
[ "$tested" -gt 0 ] || { echo "no Python between 3.10 and 3.13 was found" >&2; exit 1; }
[ "$failed" -eq 0 ]
