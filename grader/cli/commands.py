"""The commands of `grade`, declared once: `__main__` knows their names before anything else is loaded."""

SECTIONS = {  # in the order of `grade --help`; students first
    "Students": ("start", "show", "list", "watch", "explain"),
    "Teachers": ("class", "report", "gradescope"),
    "Authors of exercises": ("new", "verify"),
    "This machine": ("doctor", "completion"),
}
COMMANDS = tuple(name for names in SECTIONS.values() for name in names)
ISOLATION = ("auto", "strict", "namespaces", "landlock", "process")  # the values of `--isolation`
