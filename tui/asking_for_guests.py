"""Asking for the account inside a machine: on the screen, while the thread that is about to enter it waits."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

from rich.text import Text

from failback.guest.credentials import AskGuest, GuestCredentials, kept_password, no_account
from failback.progress import Cancelled
from tui.dialogs.guest_account_dialog import GuestAccountDialog
from tui.navigation import Navigation
from wizard_steps.outside import visible
from wizard_steps.wording import _

NAP = 0.2
"""Seconds between two looks whether the work was stopped while a question stands."""


class AskingForGuests(Navigation):
    """The part of the application that asks for accounts inside machines. They go to the job that asked."""

    def call_later_from_thread(self, callback: Callable[..., None], *arguments: Any) -> None:
        """Call something on the screens' side soon, without waiting for it."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self.call_later, callback, *arguments)

    def guest_asker(self, cancelled: Cancelled) -> AskGuest:
        """Return what asks for one account: it waits in the job's thread while the dialog is on the screen."""

        def ask(machine: str) -> GuestCredentials:
            answers: queue.Queue[GuestCredentials | None] = queue.Queue()
            self.call_later_from_thread(self._ask_for_account, machine, answers)
            while not cancelled():
                try:
                    account = answers.get(timeout=NAP)
                except queue.Empty:
                    continue
                if account is None:
                    break
                return account
            raise no_account(machine)

        return ask

    def _ask_for_account(self, machine: str, answers: queue.Queue[GuestCredentials | None]) -> None:
        name = visible(machine)
        body = Text(
            _(
                "What was agreed to runs inside {name}, by VMware Tools, as an administrator of the guest. The account "
                "is used for this and kept nowhere."
            ).format(name=name)
        )
        self.push_screen(
            self.account_dialog(_("The account inside {name}").format(name=name), body, machine), answers.put
        )

    def account_dialog(self, title: str, body: Text, machine: str) -> GuestAccountDialog:
        """Return the dialog that asks for the account inside a machine; in a rehearsal it says which one that is."""
        site = self.site
        kept = None
        if site is not None:
            kept = kept_password(site.engine.profile.secret_store)
            if site.rehearsal is not None:
                user, password = site.rehearsal.guest_account(machine)
                body.append(
                    "\n" + _("In this rehearsal: {user}, password {password}").format(user=user, password=password)
                )
        return GuestAccountDialog(title, body, kept)
