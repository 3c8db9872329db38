"""`failback plan` and `failback apply`: what the remedies would change, and carrying it out one answer at a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from failback.commands.everywhere import Command, Option, settings_of
from failback.commands.guest_account import asking_for_guests
from failback.commands.sites import Which, opened, sides_not_read, site_options
from failback.commands.speaking import check_output, narrate, somebody_is_there, tell_data, write_output
from failback.commands.stopping import Stop, interruptible, reading, stoppable
from failback.commands.unfinished import tell_unfinished
from failback.errors import EXIT_DONE, EXIT_UNKNOWN, HomeError, UsageError
from failback.home import read_given
from wizard_steps.outside import visible
from wizard_steps.wording import N_, _, ngettext

if TYPE_CHECKING:
    from failback.changes.apply import Confirm, Confirmation
    from failback.changes.change import Change
    from failback.changes.lock import Wanted
    from failback.changes.plan import Plan


@click.command(
    "plan",
    cls=Command,
    short_help=N_("write down what the remedies would change"),
    help=N_(
        "Write down what the remedies would change, for `failback apply`. Changes nothing.\n\n"
        "With --reprotect: the reprotect requests of the machines that are ready, and nothing else.\n\n"
        "Exit code: 0 written, 2 as for check, 3 written, but a side could not be read."
    ),
)
@site_options
@click.option(
    "--output",
    cls=Option,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=N_("Write the plan to a file instead of standard output."),
)
@click.option(
    "--reprotect",
    cls=Option,
    is_flag=True,
    help=N_("Plan the reprotect requests of the machines that are ready, in place of the remedies."),
)
@click.option(
    "--requests",
    cls=Option,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=N_("With --reprotect: write the requests to a file too, each with its `az rest` line."),
)
def plan(
    *, profile: str | None, demo: bool, estate: str | None, output: Path | None, reprotect: bool, requests: Path | None
) -> int:
    """Make the plan of one site and return the exit code."""
    from failback.changes.reprotect_requests import requests_of

    if requests is not None and not reprotect:
        raise UsageError("--requests", _("it goes with --reprotect only"), _("add --reprotect, or leave it away"))
    check_output(output)
    with opened(Which(profile, demo, estate), read_only=True) as engine:
        case = reading(partial(engine.look, probe=reprotect))
        report = engine.judge(case)
        made = engine.plan_reprotect(case) if reprotect else engine.plan(case, report)
        locked = engine.will_lock(case, made)
    if output is None:
        tell_data(made.to_text())
    else:
        write_output(output, made.to_text())
    _tell(made, locked)
    if reprotect:
        found = requests_of(case, report)
        for sentence in found.reasons():
            narrate(sentence)
        if requests is not None:
            write_output(requests, found.to_text())
    unread = sides_not_read(case)
    for sentence in unread:
        narrate(sentence)
    return EXIT_UNKNOWN if unread else EXIT_DONE


@click.command(
    "apply",
    cls=Command,
    short_help=N_("carry out a plan, asking for each change"),
    help=N_(
        "Carry out a plan. Every change is read again, shown and asked for; a stale one is refused.\n\n"
        "Exit code: 0 all done and verified, 1 a change failed, was declined or is stale, 2 as for "
        "check, 3 nobody can say what became of a change, 130 interrupted."
    ),
)
@click.argument("plan_file", metavar="PLAN", type=click.Path(path_type=Path))
@click.option("--profile", cls=Option, metavar="P", help=N_("The plan's profile, where it is not a saved one."))
@click.option("--estate", cls=Option, metavar="NAME", help=N_("Which rehearsal site, for a plan made with --demo."))
@click.pass_context
def apply(ctx: click.Context, *, plan_file: Path, profile: str | None, estate: str | None) -> int:
    """Carry out a plan, asking for each change, and return the exit code."""
    _refuse_unattended(read_only=settings_of(ctx).read_only)
    made = _plan_in(plan_file)
    from failback.changes.outcome import exit_code
    from failback.commands.change_text import outcome_lines

    if not made.changes:
        narrate(_("the plan is empty: there is nothing to change"))
        return EXIT_DONE
    which = Which(profile, made.rehearsal, estate, made.profile)
    stopping = _("stopping after what is under way; what was sent already is followed to a safe point")
    with opened(which, read_only=False) as engine, stoppable(stopping) as stop:
        engine.ask_guest = asking_for_guests(engine, stop)
        tell_unfinished(engine, stop)
        outcomes = engine.apply(made, asking(stop), narrate, stop)
    for outcome in outcomes:
        tell_data("\n".join([outcome.change.title, *outcome_lines(outcome), ""]))
    return exit_code(outcomes)


def asking(stop: Stop) -> Confirm:
    """Return what asks the person at the terminal for each change. Ctrl+C is a no, and stops the rest."""
    from failback.changes.apply import Confirmation

    def confirm(change: Change) -> Confirmation:
        from failback.commands.change_text import change_lines

        narrate("\n" + "\n".join(change_lines(change)))
        try:
            with interruptible():
                return _answer(change)
        except (KeyboardInterrupt, click.Abort):
            stop.ask()
            return Confirmation(agreed=False)

    return confirm


def _answer(change: Change) -> Confirmation:
    from failback.changes.apply import Confirmation, weight_of

    if weight_of(change).wants_the_name:
        shown = visible(change.target.name)
        typed = click.prompt(_question(change).format(name=shown), default="", show_default=False, err=True)
        # A name that nobody can type (control characters) is typed as it is shown.
        return Confirmation(agreed=bool(typed), typed=change.target.name if typed == shown else typed)
    return Confirmation(agreed=click.confirm(_("Change it?"), default=False, err=True))


def _question(change: Change) -> str:
    """Return what asks for the name of a change's target, with a place for that name."""
    from failback.changes.apply import weight_of
    from failback.changes.lock import TAKE_OVER
    from failback.changes.remedy import Weight

    if change.remedy == TAKE_OVER:
        return _("Somebody else holds it. To take it over, type the name {name}; anything else leaves it to them")
    if weight_of(change) is Weight.RISKY:
        return _("This puts data at risk. To go on, type the name {name}; anything else leaves it as it is")
    return _("This cannot be undone. To go on, type the name {name}; anything else leaves it as it is")


def _refuse_unattended(*, read_only: bool) -> None:
    """Raise `UsageError` when nothing may be changed, or nobody can be asked."""
    if read_only:
        raise UsageError("failback apply", _("with --read-only nothing is changed"), _("leave --read-only away"))
    if not somebody_is_there():
        raise UsageError(
            "failback apply",
            _("it asks for every change, and there is no terminal to ask on"),
            _("run it in a terminal"),
        )


def _plan_in(path: Path) -> Plan:
    from failback.changes.plan import Plan

    try:
        return Plan.from_text(read_given(path).decode("utf-8"))
    except HomeError as error:
        raise UsageError(
            _("the plan {path}").format(path=visible(str(path))),
            error.why,
            _("make one: failback plan --output {path}").format(path="plan.json"),
        ) from error
    except OSError as error:
        raise UsageError(
            _("the plan {path}").format(path=visible(str(path))),
            _("it cannot be read ({reason})").format(reason=error.strerror),
            _("make one: failback plan --output {path}").format(path="plan.json"),
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            _("the plan {path}").format(path=visible(str(path))),
            _("it is not text"),
            _("make a new one: failback plan"),
        ) from error


def _tell(made: Plan, locked: Sequence[Wanted]) -> None:
    """Show the plan to the person, beside the file for the program."""
    from failback.commands.change_text import change_lines

    if made.rehearsal:
        narrate(_("REHEARSAL: this is the practice site, not yours"))
    for change in made.changes:
        narrate("\n".join([*change_lines(change), ""]))
    for lock in locked:
        narrate(lock.told())
    narrate(
        ngettext(
            "{count} change; nothing was changed yet", "{count} changes; nothing was changed yet", len(made.changes)
        ).format(count=len(made.changes))
    )
