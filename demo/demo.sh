#!/bin/sh
# Grade a right and a wrong ex1.py and hold the command to what it promises. Called by `make demo`.
set -u
grade=$1
cd "$(dirname "$0")" || exit 3

echo '$ grade ex1 demo/right/ex1.py'
"$grade" ex1 right/ex1.py || exit 1
echo
echo '$ grade ex1 demo/wrong/ex1.py'
"$grade" ex1 wrong/ex1.py
code=$?
if [ "$code" -ne 1 ]; then
    echo "demo: the wrong answer ended with exit code $code, not 1" >&2
    exit 1
fi
