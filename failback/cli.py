"""The command `failback`: puts the commands together, starts the wizard, and turns every ending into an exit code.

Nothing here loads a screen library or an SDK before it is needed: `--version` and `--help` answer at once.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import click

from failback.commands.changing import apply, plan
from failback.commands.check import check
from failback.commands.everywhere import Command, Group, Option, Settings, language_asked_for, settings_of, speak
from failback.commands.history import history
from failback.commands.profile import profile
from failback.commands.speaking import narrate, somebody_is_there
from failback.crash import keep_crash, keep_no_core, print_nothing_unasked
from failback.errors import EXIT_DONE, EXIT_INTERRUPTED, FailbackError, UsageError
from failback.secrets import take_from_environment
from wizard_steps.outside import visible
from wizard_steps.wording import N_, _

_LONGEST = 4000  # characters of one sentence
_REHEARSAL_SPEED = 1.0  # the rehearsal's clock starts as fast as ours; a key speeds it up


@click.group(
    "failback",
    cls=Group,
    invoke_without_command=True,
    help=N_(
        "Bring VMware machines home after a failover to Azure: a wizard in ten steps.\n\n"
        "Without a command the wizard starts on the saved profiles. To have bash complete commands and options, "
        'put this into ~/.bashrc: eval "$(_FAILBACK_COMPLETE=bash_source failback)"; zsh and fish go likewise.'
    ),
)
@click.pass_context
def root(ctx: click.Context) -> int:
    """Start the wizard when no command is named."""
    if ctx.invoked_subcommand is not None:
        return EXIT_DONE
    return _wizard(settings_of(ctx))


@root.command(
    "demo",
    cls=Command,
    short_help=N_("the wizard on the rehearsal site"),
    help=N_("Start the wizard on the rehearsal site: no network, no account, nothing that could break."),
)
@click.option("--estate", cls=Option, metavar="NAME", help=N_("Which rehearsal site: faulty (as it is) or ready."))
@click.pass_context
def demo(ctx: click.Context, *, estate: str | None) -> int:
    """Start the wizard on the rehearsal site."""
    return _wizard(settings_of(ctx), demo=True, estate=estate)


for _command in (check, plan, apply, history, profile):
    root.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the program and leave with its exit code."""
    keep_no_core()
    print_nothing_unasked()
    take_from_environment()
    code = run(sys.argv[1:] if arguments is None else arguments)
    if any(not one.daemon for one in threading.enumerate() if one is not threading.main_thread()):
        # A read that does not come back (it was interrupted) would keep the process; nothing of it is needed.
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(code)
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Every error is told in one sentence; none escapes."""
    try:
        speak(language_asked_for(arguments))
        code = root.main(list(arguments), prog_name="failback", standalone_mode=False, obj=Settings())
    except FailbackError as error:
        return _told(error)
    except click.ClickException as error:
        return _told(_usage(error))
    except (KeyboardInterrupt, click.Abort):
        narrate(_("interrupted"))
        return EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001 -- the last resort: a sentence and a file, never a traceback
        return _told(keep_crash(error))
    return code if isinstance(code, int) else EXIT_DONE


def _told(error: FailbackError) -> int:
    narrate("failback: " + visible(error.message(), _LONGEST))
    return error.exit_code


def _usage(error: click.ClickException) -> FailbackError:
    """Return what click has to say about the command line as an error of ours."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context is not None else "failback"
    said = error.format_message().replace(". (", " (")
    if said.endswith("?"):  # click's own question after its sentence; what follows here is no sentence of its own
        sentence, _dot, question = said.rpartition(". ")
        said = f"{sentence} ({question})".strip()
    return UsageError(_("the command line"), visible(said), _("see {command} --help").format(command=path))


def _wizard(settings: Settings, *, demo: bool = False, estate: str | None = None) -> int:
    """Start the screens. Raises `UsageError` where they could not be shown or used."""
    kind = os.environ.get("TERM", "")
    if not somebody_is_there() or kind in ("", "dumb"):
        raise UsageError(
            _("the wizard"),
            _("it needs a terminal that can draw, and this is none"),
            _("use `failback check` here, or start the wizard in a terminal"),
        )
    from failback import opening, profiles

    if not demo:
        from tui.app import run_wizard

        return run_wizard(profiles, opening.open_site, read_only=settings.read_only)
    with TemporaryDirectory(prefix="failback-") as folder:
        from tui.app import run_rehearsal

        name = estate or opening.DEFAULT_ESTATE
        return run_rehearsal(
            opening.open_rehearsal(name, Path(folder), read_only=settings.read_only, speed=_REHEARSAL_SPEED)
        )
