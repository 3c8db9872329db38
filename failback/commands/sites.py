"""Which site a command works on: `--profile P`, or `--demo [--estate NAME]` in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import click

from failback.commands.everywhere import Option
from failback.commands.speaking import narrate
from failback.errors import UsageError
from wizard_steps.wording import N_, _

if TYPE_CHECKING:
    from failback.azure.sign_in import DeviceCode
    from failback.engine import Engine
    from wizard_steps.case import Case

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Which:
    """What the options say."""

    profile: str | None = None
    demo: bool = False
    estate: str | None = None
    name: str = ""  # what the profile calls itself, where a plan or the journal names it so

    def checked(self) -> Which:
        """Return this when it names exactly one site. Raises `UsageError`."""
        if self.demo and self.profile is not None:
            raise UsageError("--profile, --demo", _("they name two different sites"), _("give one of them"))
        if self.estate is not None and not self.demo:
            raise UsageError("--estate", _("it goes with --demo only"), _("add --demo, or leave it away"))
        if not self.demo and self.profile is None and not self.name:
            raise UsageError(
                _("the site"),
                _("no profile is named"),
                _("add --profile NAME (`failback profile list` shows the saved ones), or --demo for a rehearsal"),
            )
        return self


def site_options(command: F) -> F:
    """Add `--profile`, `--demo` and `--estate`."""
    for option in (
        click.option(
            "--estate", cls=Option, metavar="NAME", help=N_("Which rehearsal site: faulty (as it is) or ready.")
        ),
        click.option("--demo", cls=Option, is_flag=True, help=N_("Use the rehearsal site: no network, no account.")),
        click.option("--profile", cls=Option, metavar="P", help=N_("The name of a saved profile, or the path of one.")),
    ):
        command = option(command)
    return command


@contextmanager
def opened(which: Which, *, read_only: bool) -> Iterator[Engine]:
    """Open the site that the options name, and sign out at the end. Raises `FailbackError`."""
    which.checked()
    from failback import opening, profiles
    from failback.secrets import open_store

    with TemporaryDirectory(prefix="failback-") as folder:
        if which.demo:
            estate = which.estate or opening.DEFAULT_ESTATE
            engine = opening.open_rehearsal(estate, Path(folder), read_only=read_only)
        else:
            profile = profiles.load(which.profile) if which.profile is not None else profiles.load_named(which.name)
            store = open_store(profile.secret_store, keyring=profile.keyring)
            for name, account in opening.secrets_asked(profile):
                store.get(name, account)  # now, while nothing else runs: the store remembers the answers
            engine = opening.open_site(profile, store, show_code, read_only=read_only)
        try:
            yield engine
        finally:
            engine.close()


def show_code(code: DeviceCode) -> None:
    """Tell the person at the terminal how to sign in to Azure by device code."""
    narrate(
        _("to sign in to Azure, open {address} in any browser and type the code {code}").format(
            address=code.address, code=code.code
        )
    )


def sides_not_read(case: Case) -> list[str]:
    """Return one sentence for each side that could not be read at all."""
    sides = [
        (_("vCenter {host}").format(host=case.estate.vcenter.host), case.estate.vcenter.machines),
        (_("Azure"), case.estate.azure.configuration_servers),
    ]
    return [
        _("{side}: {reason}; what it would have told is unknown, so mend this and look again.").format(
            side=side, reason=(reading.reason or "").rstrip(".")
        )
        for side, reading in sides
        if not reading.was_seen
    ]
