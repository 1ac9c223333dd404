"""The group behind `grade`: it imports a command when it is called, and takes any other first word as an exercise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any

import click
from click.core import ParameterSource

from grader.cli.commands import COMMANDS, SECTIONS
from grader.cli.options import ids_of


class _Commands(Mapping[str, click.Command]):
    """The commands by name. Looking one up imports its module."""

    def __getitem__(self, name: str) -> click.Command:
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)

    def __contains__(self, name: object) -> bool:
        return name in COMMANDS


class GradeGroup(click.Group):
    """A group whose unknown first word is the name of an exercise: `grade ex1` needs no verb."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _Commands()  # type: ignore[assignment]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in self.commands:
            name, command, words = super().resolve_command(ctx, args)
        else:
            from grader.cli.grading import grade_exercise

            name, command, words = "EXERCISE", grade_exercise, args
        if command and not ctx.resilient_parsing:
            _refuse_options_as_values(command, words)
        return name, command, words

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        exercises = [CompletionItem(id) for id in ids_of(ctx) if id.startswith(incomplete)]
        commands = [CompletionItem(n, help=text) for n, (_, text) in COMMANDS.items() if n.startswith(incomplete)]
        return [*exercises, *commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_usage(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage("grade", "[EXERCISE [PATH]] [OPTIONS]")
        formatter.write_usage("grade", "COMMAND …", prefix="       ")

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        widest = max(map(len, COMMANDS))
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:{widest}}", text) for name, (_, text) in commands.items()])


def _refuse_options_as_values(command: click.Command, words: Sequence[str]) -> None:
    """Raise UsageError for an option without its value: click would take the next option for it."""
    options = {flag: one for one in command.params if isinstance(one, click.Option) for flag in one.opts}
    for flag, value in pairwise(words):
        if flag in options and not options[flag].is_flag and value in options:
            raise click.UsageError(f"{flag} needs a value: `{flag} {options[flag].metavar or 'VALUE'}`, before {value}")


def refuse_ignored_options(ctx: click.Context, command: click.Command) -> None:
    """Raise UsageError for an option before the name of a command that would not read it there."""
    name, own = ctx.invoked_subcommand, {option.name for option in command.params}
    read = {"no_color", *({"pack"} & own)}
    for option in ctx.command.params:
        given = ctx.get_parameter_source(str(option.name)) is ParameterSource.COMMANDLINE
        if given and option.name not in read:
            flag = option.opts[-1]
            if option.name in own:
                raise click.UsageError(f"{flag} goes after the command: `grade {name} {flag} …`")
            raise click.UsageError(
                f"`grade {name}` does not take {flag}: it goes with an exercise (`grade ex1 {flag} …`)"
            )
