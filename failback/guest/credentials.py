"""The account that a program runs as inside a guest: asked for, used for one change, and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from failback.errors import SecretError
from failback.secrets import EnvironmentStore, Secret, SecretName
from wizard_steps.outside import visible
from wizard_steps.wording import _


@dataclass(frozen=True)
class GuestCredentials:
    """An account of the guest itself, such as `Administrator` or `root`. Printing it shows no password."""

    username: str
    password: Secret


AskGuest = Callable[[str], GuestCredentials]
"""Returns the credentials for the machine of that (raw) name; raises `SecretError` when nobody gives any."""


class NobodyToAskError(SecretError):
    """An account inside a machine is wanted, and this program was started where nobody can be asked for one."""


def nobody_to_ask(machine: str) -> GuestCredentials:
    """Refuse: nobody said where to get guest credentials from. Raises `NobodyToAskError`."""
    raise NobodyToAskError(
        _("the guest of {name}").format(name=visible(machine)),
        _("it wants credentials, and there is nobody to ask for them"),
        _("do it in the wizard, or with failback apply at a terminal"),
    )


def no_account(machine: str) -> SecretError:
    """Return the error for somebody who was asked and gave no account."""
    return SecretError(
        _("the guest of {name}").format(name=visible(machine)),
        _("no account inside it was given"),
        _("do it again, with the user name and password of an administrator of the guest"),
    )


def kept_password(secret_store: str) -> Secret | None:
    """Return the password from the environment, where the profile's secrets come from there and it is set."""
    if secret_store != "environment":  # noqa: S105 -- the name of a store
        return None
    try:
        return EnvironmentStore().get(SecretName.GUEST_PASSWORD, "")
    except SecretError:
        return None
