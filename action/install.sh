#!/bin/sh
# Installs the grader, without torch, into a virtual environment outside of the student's repository.
# PYTHON is the interpreter, SOURCE the grader's own folder, RUNNER_TEMP a folder outside of the workspace.
set -eu
cd "$RUNNER_TEMP"
"$PYTHON" -I -m venv --clear grader
grader/bin/python -I -m pip install --quiet --disable-pip-version-check "$SOURCE"
