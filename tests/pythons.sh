#!/bin/sh
# Test the wheel, without torch, on every other Python from 3.10 to 3.13 that this machine has: the tests marked
# `pythons`, or all of them if TEST_LONG is set. Argument: the Python of `make test`, which builds and installs the wheel.
set -eu
cd "$(dirname "$0")/.."
home=$PWD
work=$(mktemp -d)
chmod 755 "$work"  # as root: the sandbox can pass through one private folder, that of the interpreter, but not through two
trap 'rm -rf "$work"' EXIT
"$1" -m pip wheel --quiet --no-deps --wheel-dir "$work" .
wheel=$(ls "$work"/*.whl)
tested=$("$1" -c 'import sys; print("{}.{}".format(*sys.version_info))')
if [ -n "${TEST_LONG:-}" ]; then
    marks="not torch" files=$home/tests
else
    marks="pythons and not torch" files=$(grep -rl --include='test_*.py' pythons "$home/tests")
fi

find_python() {
    python=$(command -v "python$1" || true)
    # pyenv has commands that only print which of its versions could provide them
    if [ -n "$python" ] && ! "$python" -c '' 2>/dev/null; then
        python=$(ls -d "${PYENV_ROOT:-/nonexistent}/versions/$1".*/bin/python 2>/dev/null | tail -n 1)
    fi
    echo "$python"
}

cd "$work"
failed=0 others=0
for version in 3.10 3.11 3.12 3.13; do
    [ "$version" != "$tested" ] || continue
    python=$(find_python "$version")
    [ -n "$python" ] || { echo "python$version: not on this machine"; continue; }
    others=$((others + 1))
    "$python" -m venv --without-pip "$version"
    "$1" -m pip --python "$version/bin/python" install --quiet "$wheel" --group "$home/pyproject.toml:test"
    # shellcheck disable=SC2086  # one word for each file
    if "$version/bin/python" -m pytest -q -m "$marks" --numprocesses auto --maxprocesses 4 --dist loadgroup \
        --basetemp "$work/pytest" --rootdir "$home" -c "$home/pyproject.toml" $files > "$version.log" 2>&1; then
        echo "python$version, without torch: $(tail -n 1 "$version.log")"
    else
        failed=$((failed + 1))
        echo "python$version, without torch, failed:"
        tail -n 60 "$version.log"
    fi
done
[ "$others" -gt 0 ] || echo "no other Python between 3.10 and 3.13 is here: only python$tested was tested"
[ "$failed" -eq 0 ]
