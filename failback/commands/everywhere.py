"""What every command has: `--read-only`, `--language`, `--version`, `--help`, and help in the operator's language."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

import failback
from failback.commands.speaking import tell_data
from failback.errors import UsageError
from wizard_steps.outside import visible
from wizard_steps.wording import N_, _, use_language

LOCALE = Path(failback.__file__).parent / "locale"


@dataclass
class Settings:
    """What was said once for the whole run, before or after the command's name."""

    read_only: bool = False


class Option(click.Option):
    """An option whose help is marked with `N_` and translated when it is shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help."""
        translated = copy.copy(self)
        translated.help = _translated(self.help)
        return click.Option.get_help_record(translated, ctx)


class _Everywhere(click.Command):
    """A command with the options that all have."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(_options())

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return click's option `--help`, written as all data is: an output that takes nothing is told."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _help
        return option

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's description in the language in use."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_translated(self.help))

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the line for the list of commands in the language in use."""
        return _translated(self.short_help)


def _translated(text: str | None) -> str:
    """Return a marked text in the language in use; none is nothing (gettext would answer "" with its own header)."""
    return _(text) if text else ""


class Command(_Everywhere):
    """A command."""


class Group(_Everywhere, click.Group):
    """A command with commands of its own."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say what is missing where no command is named; click would hand over the whole help as an error."""
        super().__init__(*args, **{"no_args_is_help": False, **kwargs})


def language_asked_for(arguments: Sequence[str]) -> str | None:
    """Return what `--language` says, before the command line is understood: its errors are translated, too."""
    for place, one in enumerate(arguments):
        if one.startswith("--language="):
            return one.partition("=")[2]
        if one == "--language" and place + 1 < len(arguments):
            return arguments[place + 1]
    return None


def speak(language: str | None) -> None:
    """Use a language from now on. Raises `UsageError`, naming those there are, for one that is not translated."""
    is_code = language is None or language.replace("_", "").isalnum()  # it becomes part of a path
    if not is_code or not use_language(language, LOCALE):
        there = sorted(one.parent.parent.name for one in LOCALE.glob("*/LC_MESSAGES/failback.mo"))
        raise UsageError(
            _('the language "{name}"').format(name=visible(language or "")),
            _("there is no translation into it"),
            _("choose one of: {names}").format(names=", ".join(["en", *there])),
        )


def settings_of(ctx: click.Context) -> Settings:
    """Return the settings of this run."""
    return ctx.ensure_object(Settings)


def _options() -> list[click.Parameter]:
    return [
        Option(
            ["--read-only"],
            is_flag=True,
            expose_value=False,
            callback=_read_only,
            help=N_("Change nothing, whatever else is asked for."),
        ),
        Option(
            ["--language"],
            metavar="CODE",
            expose_value=False,
            help=N_("Speak another language, such as ja. Names of requirements stay as they are."),
        ),
        Option(
            ["--version"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_version,
            help=N_("Show the version and exit."),
        ),
    ]


def _read_only(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click calls it
    if value:
        settings_of(ctx).read_only = True


def _help(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click calls it
    if value and not ctx.resilient_parsing:
        tell_data(ctx.get_help() + "\n")
        ctx.exit()


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click calls it
    if value and not ctx.resilient_parsing:
        tell_data(f"failback {failback.__version__}\n")
        ctx.exit()
