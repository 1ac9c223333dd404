#!/bin/sh
# Grades the exercises in the working folder. Exit code: 0 right, or enough points; 1 wrong or unfinished; 2 nothing to
# grade, because the exercise or its file does not exist; 3 no mark, because the grader failed (never the student's
# fault). -I keeps the folder off Python's path.
set -u

# GitHub shows ten annotations of a step, and the grader's documents hold as many: add one only where it wrote none.
stop() {
    if [ ! -s "$GITHUB_STEP_SUMMARY" ]; then
        echo "::error title=$2::$3"
        echo "**$2.** $3" >> "$GITHUB_STEP_SUMMARY"
    fi
    exit "$1"
}

case $MINIMUM_SCORE in
    *[!0-9.]* | *.*.* | .) stop 2 "Nothing was graded" "\`minimum-score\` must be a number" ;;
esac
MINIMUM_SWEEP=${MINIMUM_SWEEP:-}
case $MINIMUM_SWEEP in
    *[!0-9.]* | *.*.* | .) stop 2 "Nothing was graded" "\`minimum-sweep\` must be a number from 0 to 1" ;;
esac
if [ "$ISOLATION" = auto ] && [ "$TRUSTED" != true ]; then
    ISOLATION=strict
fi

set -- --isolation "$ISOLATION" --output github
[ -z "${PACK:-}" ] || set -- "$@" --pack "$PACK"
[ -z "$EXERCISE" ] || set -- "$@" "$EXERCISE"
[ -z "$SUBMISSION" ] || set -- "$@" "$SUBMISSION"
outputs=$RUNNER_TEMP/grader-outputs
: > "$outputs"
GRADE_MINIMUM_SCORE=$MINIMUM_SCORE GRADE_MINIMUM_SWEEP=$MINIMUM_SWEEP GITHUB_OUTPUT=$outputs "$RUNNER_TEMP/grader/bin/python" -I -m grader "$@"
code=$?
cat "$outputs" >> "$GITHUB_OUTPUT"

case $code in
    0 | 1) ;;
    2) stop 2 "Nothing was graded" "The log says what is wrong with the call or the repository." ;;
    *) stop 3 "The grader failed, not the program" "No mark: exit code $code; the log says why." ;;
esac
case $(sed -n 's/^passed=//p' "$outputs") in
    true) exit 0 ;;
    false) exit 1 ;;
    *) stop 3 "The grader failed, not the program" "No mark: there is no score." ;;
esac
