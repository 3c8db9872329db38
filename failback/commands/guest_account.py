"""The account inside a machine, asked for at the terminal right before a change enters it; used then and forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from failback.commands.speaking import narrate
from failback.commands.stopping import Stop, interruptible
from failback.errors import SecretError
from failback.secrets import AskStore, Secret, SecretName
from wizard_steps.outside import visible
from wizard_steps.wording import _

if TYPE_CHECKING:
    from failback.engine import Engine
    from failback.guest.credentials import AskGuest, GuestCredentials


def asking_for_guests(engine: Engine, stop: Stop) -> AskGuest:
    """Return what asks for the account of a guest. Ctrl+C is a no, and stops the rest.

    The password is typed without echo, or taken from the environment where the profile says so and it is there.
    """
    from failback.guest.credentials import GuestCredentials, kept_password, no_account

    def ask(machine: str) -> GuestCredentials:
        name = visible(machine)
        narrate("\n" + _("{name}: the account inside it is used for this and kept nowhere").format(name=name))
        if engine.rehearsal is not None:
            known, secret = engine.rehearsal.guest_account(machine)
            narrate(_("In this rehearsal: {user}, password {password}").format(user=known, password=secret))
        try:
            with interruptible():
                user = _user_name(name)
                password = (kept_password(engine.profile.secret_store) or _typed(user, machine)) if user else Secret("")
        except (KeyboardInterrupt, click.Abort) as left:
            stop.ask()
            raise no_account(machine) from left
        if not user or not password:
            raise no_account(machine)
        return GuestCredentials(user, password)

    return ask


def _user_name(name: str) -> str:
    question = _("User name inside {name}; nothing leaves it as it is").format(name=name)
    return str(click.prompt(question, default="", show_default=False, err=True)).strip()


def _typed(user: str, machine: str) -> Secret:
    """Return what is typed; a store that lives for this one question remembers nothing. Raises `SecretError`."""
    try:
        return AskStore().get(SecretName.GUEST_PASSWORD, visible(f"{user}@{machine}"))
    except SecretError:
        return Secret("")
