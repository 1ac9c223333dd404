#!/bin/sh
# Puts the grader, without torch, into an environment of its own, where no file of a student's repository lies.
# PYTHON is the interpreter, SOURCE the grader's own folder, RUNNER_TEMP a folder outside of the workspace.
set -eu
cd "$RUNNER_TEMP"
"$PYTHON" -I -m venv --clear grader
grader/bin/python -I -m pip install --quiet --disable-pip-version-check "$SOURCE"
