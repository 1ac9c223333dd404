"""The commands of `grade`, declared once: section, name, where the command lives and what it does in one line.

`__main__` reads the names before it loads anything else, so this module imports nothing. A command's module is imported
when the command is called; `grade --help` and shell completion read this table only.
"""

SECTIONS = {  # in the order of `grade --help`; students first
    "Students": {
        "start": ("grader.cli.exercises:start", "Write EXERCISE.py with the function to fill in."),
        "show": ("grader.cli.exercises:show_exercise", "Show an exercise: its task, formula and cases."),
        "list": ("grader.cli.exercises:list_exercises", "List the exercises."),
        "watch": ("grader.cli.grading:watch", "Grade again each time you save."),
        "explain": ("grader.cli.exercises:explain", "Explain a misconception, or the arithmetic of a cell."),
    },
    "Teachers": {
        "class": ("grader.cli.class_:class_", "Grade a class: a folder, or the platform's zip."),
        "report": ("grader.cli.report:report", "Show a graded class, fill in gradebooks, write feedback."),
        "mark": ("grader.cli.adjustments:mark", "Adjust a student's mark, with a reason."),
        "comment": ("grader.cli.adjustments:comment", "Comment on a submission, or on a misconception."),
        "withdraw": ("grader.cli.adjustments:withdraw", "Withdraw an adjustment or a comment."),
        "history": ("grader.cli.student:history", "Show how a student's marks came about."),
        "gradescope": ("grader.cli.machine:gradescope", "Build the autograder zip for Gradescope."),
    },
    "Authors of exercises": {
        "new": ("grader.cli.authors:new", "Write ID.yaml, the first draft of an exercise."),
        "site": ("grader.cli.exercises:site", "Write all exercises as pages that a course can publish."),
        "verify": ("grader.cli.authors:verify", "Prove exercises against torch and every known misconception."),
    },
    "This machine": {
        "doctor": ("grader.cli.machine:doctor", "Show which isolation levels work here."),
        "completion": ("grader.cli.machine:completion", "Print the completion script of a shell."),
    },
}
ISOLATION = ("auto", "strict", "namespaces", "landlock", "process")  # the values of `--isolation`
COMMANDS = {name: declared for commands in SECTIONS.values() for name, declared in commands.items()}
