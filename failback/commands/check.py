"""`failback check`: all ten steps, judged on what is there now, with an answer for people or for programs."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from failback.commands.everywhere import Command, Option
from failback.commands.sites import Which, opened, sides_not_read, site_options
from failback.commands.speaking import check_output, narrate, shows_marks, tell_data, write_output
from failback.commands.stopping import reading
from failback.commands.unfinished import tell_accounts, tell_locks, tell_unfinished
from failback.errors import EXIT_DONE, EXIT_NOT_READY, EXIT_UNKNOWN
from failback.progress import never
from wizard_steps.wording import N_

if TYPE_CHECKING:
    from wizard_steps.case import Case
    from wizard_steps.judge import Report

FORMATS = (
    "text",
    "json",
    "markdown",
    "html",
    "junit",
)  # those of failback.report, which is loaded when there is something to write


@click.command(
    "check",
    cls=Command,
    short_help=N_("judge all ten steps, without a screen"),
    help=N_(
        "Look at both sides, judge all ten steps and say whether the machines can come home. Changes "
        "nothing.\n\n"
        "Exit code: 0 ready (warnings or not), 1 not ready, 2 wrong usage, profile, password, "
        "certificate or name, 3 not known, to be vouched for, or a side that could not be read at all, "
        "70 an error of this program, 130 interrupted."
    ),
)
@site_options
@click.option(
    "--format",
    "form",
    cls=Option,
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help=N_("For people (text, markdown, html) or for programs (json, junit)."),
)
@click.option(
    "--output",
    cls=Option,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=N_("Write the report to a file instead of standard output."),
)
@click.option(
    "--probe",
    cls=Option,
    is_flag=True,
    help=N_(
        "Try the network from the Azure side too, by Azure's own network watcher; it takes minutes and changes nothing."
    ),
)
def check(
    *,
    profile: str | None,
    demo: bool,
    estate: str | None,
    form: str,
    output: Path | None,
    probe: bool,
) -> int:
    """Judge one site and return the exit code."""
    check_output(output)
    with opened(Which(profile, demo, estate), read_only=True) as engine:
        tell_unfinished(engine, never)
        case = reading(partial(engine.look, probe=probe))
        tell_locks(engine, case)
        tell_accounts(engine)
        report = engine.judge(case)
        text = _written(report, engine.profile.name, form, output, rehearsal=engine.rehearsal is not None)
    if output is None:
        tell_data(text)
    else:
        write_output(output, text)
    for sentence in sides_not_read(case):
        narrate(sentence)
    return exit_code(case, report)


def exit_code(case: Case, report: Report) -> int:
    """Return what a script is told: a side that could not be read at all counts before everything else."""
    from wizard_steps.requirement import Verdict

    if sides_not_read(case):
        return EXIT_UNKNOWN
    return {
        Verdict.READY: EXIT_DONE,
        Verdict.READY_WITH_WARNINGS: EXIT_DONE,
        Verdict.NOT_READY: EXIT_NOT_READY,
    }.get(report.verdict, EXIT_UNKNOWN)


def _written(report: Report, profile: str, form: str, output: Path | None, *, rehearsal: bool) -> str:
    from failback.report import Heading, write

    ascii_only = output is None and not shows_marks(sys.stdout)
    return write(report, Heading(profile, rehearsal, ascii_only), form)
