"""An engine on the rehearsal site that looks inside its master targets; Azure is read once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from failback.changes import Change, Confirmation
from failback.engine import Engine
from failback.guest.credentials import GuestCredentials
from failback.opening import open_rehearsal
from failback.rehearsal.guest_answers import GuestState
from failback.rehearsal.on_premises import vm_ref
from failback.rehearsal.site import Site
from failback.secrets import Secret
from failback.vcenter.allowed import CHANGES, GUEST_OPERATIONS
from wizard_steps.case import Case
from wizard_steps.reading import Reading
from wizard_steps.seen_in_azure import SeenInAzure
from wizard_steps.seen_in_guest import SeenInGuest


def yes(change: Change) -> Confirmation:
    """Agree."""
    return Confirmation(agreed=True, typed=change.target.name)


_AZURE: list[SeenInAzure] = []


def _read_once(read: Callable[[], SeenInAzure]) -> SeenInAzure:
    """Return what Azure shows of the ready site: every one of them is built alike, at the same moment."""
    if not _AZURE:
        _AZURE.append(read())
    return _AZURE[0]


class Inside:
    """A rehearsal site, looked at once."""

    def __init__(self, home: Path, *, read_only: bool = False) -> None:
        self.engine: Engine = open_rehearsal("ready", home=home, read_only=read_only)
        assert self.engine.rehearsal is not None
        self.site: Site = self.engine.rehearsal
        self.home = home
        read = self.engine._read_azure
        self.engine._read_azure = lambda *how: _read_once(lambda: read(*how))  # type: ignore[method-assign]
        self.engine.look()
        self.site.wire.calls.clear()

    def credentials(self, target: str = "MT01", password: str | None = None) -> GuestCredentials:
        user, known = self.site.guest_account(target)
        return GuestCredentials(user, Secret(known if password is None else password))

    def look(
        self, target: str = "MT01", confirm: Callable[[Change], Any] = yes, password: str | None = None, **more: Any
    ) -> Case:
        return self.engine.look_inside(target, self.credentials(target, password), confirm, **more)

    def state(self, target: str = "MT01") -> GuestState:
        return self.site.wire.guests.state[vm_ref(target)]

    def calls(self) -> list[str]:
        """Return what was called that is no reading."""
        return [one.name for one in self.site.wire.calls if one.name in CHANGES | GUEST_OPERATIONS]

    def leftovers(self) -> list[object]:
        """Return what is still there inside the machines."""
        guests = self.site.wire.guests
        return [*guests.files, *(folder for folders in guests.folders.values() for folder in folders)]


def inside(case: Case, target: str = "MT01") -> Reading[SeenInGuest]:
    """Return what is known of the inside of a master target."""
    return next(one for one in case.targets.value if one.name == target).vm.value.inside


@pytest.fixture
def rehearsal(tmp_path: Path) -> Inside:
    return Inside(tmp_path)
