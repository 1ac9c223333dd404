#!/bin/sh
# Grades the exercises in the working folder. Exit code: 0 right, or enough points; 1 wrong or unfinished; 3 no mark,
# because the grader failed or was called wrongly (never the student's fault). -I keeps the folder off Python's path.
set -u

no_mark() {
    echo "::error title=The grader failed, not the program::no mark: $1"
    [ -s "$GITHUB_STEP_SUMMARY" ] || echo "**The grader failed, not the program.** No mark: $1" >> "$GITHUB_STEP_SUMMARY"
    exit 3
}

case $MINIMUM_SCORE in
    *[!0-9.]* | *.*.* | .) no_mark "\`minimum-score\` must be a number" ;;
esac
case $MINIMUM_SWEEP in
    *[!0-9.]* | *.*.* | .) no_mark "\`minimum-sweep\` must be a number from 0 to 1" ;;
esac
if [ "$ISOLATION" = auto ] && [ "$TRUSTED" != true ]; then
    ISOLATION=strict
fi

set -- --isolation "$ISOLATION" --output github
[ -z "$EXERCISE" ] || set -- "$@" "$EXERCISE"
[ -z "$SUBMISSION" ] || set -- "$@" "$SUBMISSION"
outputs=$RUNNER_TEMP/grader-outputs
: > "$outputs"
GITHUB_OUTPUT=$outputs "$RUNNER_TEMP/grader/bin/python" -I -m grader "$@"
code=$?
cat "$outputs" >> "$GITHUB_OUTPUT"
score=$(sed -n 's/^score=//p' "$outputs")
sweep=$(sed -n 's/^sweep=//p' "$outputs")

case $code in
    0 | 1) [ -n "$score" ] || no_mark "there is no score" ;;
    *) no_mark "exit code $code; the log says why" ;;
esac
if [ -n "$MINIMUM_SWEEP" ] && awk -v share="$sweep" -v least="$MINIMUM_SWEEP" 'BEGIN { exit !(share + 0 < least + 0) }'; then
    result="$sweep of the generated cases are right; the minimum is $MINIMUM_SWEEP"
    echo "::error title=Not enough generated cases::$result"
    echo "**Not enough generated cases:** $result." >> "$GITHUB_STEP_SUMMARY"
    exit 1
fi
if [ -n "$MINIMUM_SCORE" ]; then
    result="$score points; the minimum is $MINIMUM_SCORE"
    if awk -v score="$score" -v least="$MINIMUM_SCORE" 'BEGIN { exit !(score + 0 >= least + 0) }'; then
        echo "::notice title=Enough::$result"
        echo "**Enough:** $result." >> "$GITHUB_STEP_SUMMARY"
        exit 0
    fi
    echo "::error title=Not enough points::$result"
    echo "**Not enough points:** $result." >> "$GITHUB_STEP_SUMMARY"
    exit 1
fi
[ "$code" -eq 0 ] || echo "::error title=Wrong or unfinished::$score points; the annotations and the summary show what is wrong"
exit "$code"
