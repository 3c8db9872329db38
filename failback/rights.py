"""As whom both sides know us, and whether that is less or more than this program needs.

On the whole an account is held against the role this program ships for what it is doing: the reader's when nothing
may be changed, the operator's otherwise. In vCenter that is asked at the root of the inventory, in Azure at the vault.
For a plan every change is asked about on the very objects it touches, as is done again before it is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from failback.errors import FailbackError, InterruptedByOperatorError
from failback.roles import (
    AZURE_OPERATOR,
    AZURE_READER,
    VCENTER_OPERATOR,
    VCENTER_READER,
    privileges_of,
)
from wizard_steps.outside import visible
from wizard_steps.reading import NotSeen
from wizard_steps.wording import _, ngettext

if TYPE_CHECKING:
    from failback.changes.change import Change
    from failback.changes.plan import Plan
    from failback.changes.world import World
    from failback.profiles.model import Profile
    from failback.progress import Cancelled, Progress
    from failback.sessions import Sessions

_AT_THE_VAULT = "Microsoft.RecoveryServices/"
"""What an assignment at the vault gives; machines and networks stand in groups of their own."""


@dataclass(frozen=True)
class Account:
    """One account: its name and where it was asked about (both safe to show), and how it fits the `role`.

    `missing` and `beyond` are what the role has and the account has not, and the other way round. `unread` is why
    that is not known.
    """

    system: str
    who: str
    where: str
    role: str
    missing: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    unread: str = ""

    @property
    def fits(self) -> bool:
        """Whether the account may do exactly what the role says."""
        return not (self.missing or self.beyond or self.unread)

    def told(self) -> str:
        """Return in a sentence as whom one is signed in, and how that fits."""
        system = {"vcenter": _("vCenter"), "azure": _("Azure")}[self.system]
        said = [_("{system} knows you as {who}.").format(system=system, who=self.who)]
        if self.unread:
            said.append(_("Its rights are not known ({why}).").format(why=self.unread))
        if count := len(self.missing):
            said.append(
                ngettext(
                    "{count} right of the role {role} is missing at {where}: {first}.",
                    "{count} rights of the role {role} are missing at {where}: {first}, ...",
                    count,
                ).format(count=count, role=self.role, where=self.where, first=self.missing[0])
            )
        if count := len(self.beyond):
            said.append(
                ngettext(
                    "It holds {count} right that is never used here; the role {role} holds less.",
                    "It holds {count} rights that are never used here; the role {role} holds less.",
                    count,
                ).format(count=count, role=self.role)
            )
        return " ".join(said)


@dataclass(frozen=True)
class Asked:
    """One change that was asked about: which of its privileges are missing where it is made, or why nobody knows."""

    change: Change
    missing: tuple[str, ...] = ()
    unread: str = ""


@dataclass(frozen=True)
class Rights:
    """Both accounts, and the changes that were asked about."""

    accounts: tuple[Account, ...]
    asked: tuple[Asked, ...] = ()

    @property
    def hindered(self) -> tuple[Asked, ...]:
        """The changes that would be refused."""
        return tuple(one for one in self.asked if one.missing)

    def told(self) -> str:
        """Return it all in a few sentences."""
        return " ".join(one.told() for one in self.accounts)


def read_rights(
    sessions: Sessions, profile: Profile, world: World, plan: Plan | None, progress: Progress, cancelled: Cancelled
) -> Rights:
    """Ask both sides. What cannot be told is said as not known; raises `InterruptedByOperatorError` when cancelled."""
    progress(_("asking vCenter as whom it knows you"))
    accounts = [_in_vcenter(sessions, profile, read_only=world.read_only)]
    progress(_("asking Azure as whom it knows you"))
    accounts.append(_in_azure(sessions, profile, cancelled, read_only=world.read_only))
    asked = []
    for change in () if plan is None else plan.changes:
        if cancelled():
            raise InterruptedByOperatorError(
                _("the rights"), _("it was cancelled before everything was asked"), _("ask again when you are ready")
            )
        progress(_("{title}: asking whether this account may do it").format(title=change.title))
        asked.append(_asked(change, world))
    return Rights(tuple(accounts), tuple(asked))


def _in_vcenter(sessions: Sessions, profile: Profile, *, read_only: bool) -> Account:
    from failback.vcenter.rights import read_rights as read

    role = VCENTER_READER if read_only else VCENTER_OPERATOR
    who, where = visible(profile.vcenter.username), _("the root of the inventory")
    try:
        seen = read(sessions.vcenter())
    except FailbackError as error:
        return Account("vcenter", who, where, role, unread=error.why)
    wanted = privileges_of(role)
    return Account("vcenter", seen.user.shown(), where, role, _shown(wanted - seen.held), _shown(seen.held - wanted))


def _in_azure(sessions: Sessions, profile: Profile, cancelled: Cancelled, *, read_only: bool) -> Account:
    from failback.azure.account import account_of, known_before
    from failback.azure.permissions import held_in_azure
    from failback.azure.reading import Vault

    role, settings = AZURE_READER if read_only else AZURE_OPERATOR, profile.azure
    vault = Vault(settings.subscription_id, profile.vault.resource_group, profile.vault.name)
    known = known_before(settings)
    who = known or _("whoever signed in by {way}").format(way=settings.sign_in)
    where = _("the vault {name}").format(name=visible(profile.vault.name))
    try:
        clients = sessions.azure(cancelled)
        name = account_of(clients)
        who = who if known or name is None else name.shown()
        held = held_in_azure(clients, vault.id)
    except FailbackError as error:
        return Account("azure", who, where, role, unread=error.why)
    except NotSeen as missing:
        return Account("azure", who, where, role, unread=visible(missing.reason))
    wanted = sorted(privileges_of(role))
    here = [one for one in wanted if one.startswith(_AT_THE_VAULT)]
    return Account("azure", who, where, role, _shown(held.lacking(here)), _shown(held.beyond(wanted)))


def _shown(names: Sequence[str] | frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(visible(one) for one in names))


def _asked(change: Change, world: World) -> Asked:
    missing: list[str] = []
    for system in dict.fromkeys(call.system for call in change.calls):
        try:
            missing += world.wire(system).lacking(change)
        except NotSeen as unknown:
            return Asked(change, unread=visible(unknown.reason))
        except FailbackError as error:
            return Asked(change, unread=error.why)
    return Asked(change, tuple(missing))
