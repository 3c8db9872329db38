"""`failback history`: what was changed, by whom, when, before and after; and `undo` of one change."""

from __future__ import annotations

import click

from failback.commands.everywhere import Command, Group, Option, settings_of
from failback.commands.sites import Which, opened
from failback.commands.speaking import narrate, somebody_is_there, tell_data
from failback.commands.stopping import stoppable
from failback.errors import EXIT_DONE, UsageError
from wizard_steps.outside import visible
from wizard_steps.wording import N_, _


@click.group(
    "history",
    cls=Group,
    short_help=N_("what was changed, by whom, when; and undo"),
    invoke_without_command=True,
    help=N_("Show the journal: what was changed, by whom, when, what was there before and after."),
)
@click.pass_context
def history(ctx: click.Context) -> int:
    """Show every entry, the oldest first."""
    if ctx.invoked_subcommand is not None:
        return EXIT_DONE
    from failback.changes.journal import Journal, undone_by
    from failback.clock import SystemClock
    from failback.commands.change_text import entry_lines
    from failback.home import home_folder

    journal = Journal(home_folder(), SystemClock())
    entries = journal.history()
    undone = undone_by(entries)
    for entry in entries:
        tell_data("\n".join([*entry_lines(entry, undone.get(entry.id)), "", ""]))
    for lock in [one for one in journal.locks() if one.may_be_held]:
        narrate(
            _("{name} may still be locked by you, {who}; the next apply of profile {profile} lets go of it").format(
                name=visible(lock.target.name), who=lock.lock.shown(), profile=visible(lock.profile)
            )
        )
    damage = journal.verify_chain()
    if damage is not None:
        narrate(_("the journal {path} was changed or damaged: {damage}").format(path=journal.path, damage=damage))
    elif entries:
        narrate(_("every line is as it was written; the last one's digest is {digest}").format(digest=journal.head()))
    else:
        narrate(_("nothing was changed with this program yet"))
    return EXIT_DONE


@history.command(
    "undo",
    cls=Command,
    short_help=N_("restore what was there before a change"),
    help=N_("Restore what was there before the change ID, as a change of its own: shown, asked for, journalled."),
)
@click.argument("entry_id", metavar="ID")
@click.option("--profile", cls=Option, metavar="P", help=N_("The change's profile, where it is not a saved one."))
@click.pass_context
def undo(ctx: click.Context, *, entry_id: str, profile: str | None) -> int:
    """Undo one change and return the exit code."""
    if settings_of(ctx).read_only:
        raise UsageError("failback history undo", _("with --read-only nothing is changed"), _("leave --read-only away"))
    if not somebody_is_there():
        raise UsageError(
            "failback history undo",
            _("it asks before it changes anything, and there is no terminal to ask on"),
            _("run it in a terminal"),
        )
    from failback.changes.outcome import exit_code
    from failback.commands.change_text import outcome_lines
    from failback.commands.changing import asking
    from failback.commands.guest_account import asking_for_guests

    stopping = _("stopping after what is under way")
    which = Which(profile, name=_profile_of(entry_id))
    with opened(which, read_only=False) as engine, stoppable(stopping) as stop:
        engine.ask_guest = asking_for_guests(engine, stop)
        outcome = engine.undo(entry_id, asking(stop), narrate, stop)
    tell_data("\n".join([outcome.change.title, *outcome_lines(outcome), ""]))
    return exit_code([outcome])


def _profile_of(entry_id: str) -> str:
    """Return the name of the profile an entry of the journal was made for. Raises `UsageError`."""
    from failback.changes.journal import Journal
    from failback.clock import SystemClock
    from failback.home import home_folder

    entry = Journal(home_folder(), SystemClock()).entry(entry_id)
    if entry is None:
        raise UsageError(
            _("the change {id}").format(id=visible(entry_id) if entry_id.strip() else f'"{visible(entry_id)}"'),
            _("the journal has no such entry"),
            _("see the list: failback history"),
        )
    return entry.origin.profile
