"""From a profile, or the name of a rehearsal site, to an engine that is ready to look.

Nothing is connected yet. SDKs are loaded here at the earliest, never by the command line's help.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from failback import profiles
from failback.clock import SystemClock
from failback.engine import Engine
from failback.errors import FailbackError, UsageError
from failback.home import home_folder
from failback.keyrings import KINDS, kind_of, where
from failback.profiles import Profile
from failback.secrets import SecretName, SecretStore
from failback.sessions import RealSessions, RehearsalSessions
from wizard_steps.outside import visible
from wizard_steps.wording import _

if TYPE_CHECKING:
    from failback.azure.sign_in import DeviceCode

DEFAULT_ESTATE = "faulty"


def open_site(
    profile: Profile,
    secrets: SecretStore,
    show_code: Callable[[DeviceCode], None] | None = None,
    *,
    read_only: bool = False,
) -> Engine:
    """Return the engine for a real site; a profile that the operator changes is saved to its file."""
    return Engine(
        profile,
        RealSessions(profile, secrets, show_code),
        SystemClock(),
        home_folder(),
        read_only=read_only or profile.read_only,
        save=_save,
    )


def open_rehearsal(estate: str, home: Path, *, read_only: bool = False, speed: float = 0.0) -> Engine:
    """Return the engine for a fresh rehearsal site, whose journal is kept in `home`: apart from that of real sites.

    `speed` is the clock's: 0 stands still, and waits take no time. Raises `UsageError` for an estate that does not
    exist.
    """
    from failback.rehearsal.site import ESTATES, rehearsal_site

    if estate not in ESTATES:
        raise UsageError(
            _('the rehearsal site "{name}"').format(name=visible(estate)),
            _("there is none of that name"),
            _("choose one of: {names}").format(names=", ".join(ESTATES)),
        )
    site = rehearsal_site(estate, speed)
    return Engine(site.profile(), RehearsalSessions(site), site.clock, home, read_only=read_only, rehearsal=site)


def secrets_asked(profile: Profile) -> tuple[tuple[SecretName, str], ...]:
    """Return which secrets the person is going to be asked for, each with the account it belongs to."""
    if profile.secret_store != "ask":  # noqa: S105 -- the name of a store
        return ()
    return secrets_needed(profile)


def secrets_needed(profile: Profile) -> tuple[tuple[SecretName, str], ...]:
    """Return which secrets signing in takes, wherever they come from, each with the account it belongs to."""
    vcenter, azure = profile.vcenter, profile.azure
    wanted = [(SecretName.VCENTER_PASSWORD, f"{vcenter.username}@{vcenter.host}")]
    if azure.sign_in == "client-secret":
        wanted.append((SecretName.AZURE_CLIENT_SECRET, azure.client_id or azure.subscription_id))
    if azure.sign_in == "client-certificate":
        wanted.append((SecretName.AZURE_CERTIFICATE_PASSPHRASE, azure.client_id or azure.subscription_id))
    return tuple(wanted)


@dataclass(frozen=True)
class SecretLine:
    """One secret that a form has a line for. `may_be_empty`: then it is not needed, or taken from the key ring."""

    name: SecretName
    account: str
    may_be_empty: bool


def secret_lines(profile: Profile) -> tuple[SecretLine, ...]:
    """Return the secrets that the sign-in form has a line for."""
    if profile.secret_store == "environment":  # noqa: S105 -- the name of a store
        return ()
    kept = profile.secret_store == "keyring"  # noqa: S105 -- the same
    lines = [SecretLine(name, account, kept or name.may_be_empty) for name, account in secrets_needed(profile)]
    if kept and profile.keyring is not None and KINDS[profile.keyring].has_passphrase:
        lines.insert(0, SecretLine(SecretName.KEYRING_PASSPHRASE, "", may_be_empty=False))
    return tuple(lines)


def where_secrets_live(profile: Profile) -> str:
    """Return, before anything is typed, what becomes of a secret that is typed in the sign-in form."""
    if profile.secret_store == "environment":  # noqa: S105 -- the name of a store
        return _("No secret is asked for: they are taken from the variables FAILBACK_... of the environment.")
    if profile.secret_store == "ask":  # noqa: S105 -- the same
        return _("What you type stays in this program's memory, and goes to no file.")
    try:
        place = where(kind_of(profile.keyring))
    except FailbackError as error:
        return error.message()
    return _(
        "What you type will be kept in {place}, once you are signed in. An empty line takes what is there."
    ).format(place=place)


def _save(profile: Profile) -> Profile:
    """Save the profile, and return it as this wizard's own starting point for the next saving.

    What another wizard wrote meanwhile stays in the file only: this one goes on with what its operator chose.
    """
    profiles.save(profile)
    return profiles.as_written(profile)
