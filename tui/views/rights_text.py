"""As whom one is signed in, and how those rights fit, in words."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from failback.rights import Account, Asked, Rights
from tui.marks import Marks
from wizard_steps.outside import visible
from wizard_steps.requirement import Status
from wizard_steps.wording import _, ngettext

_SHOWN = 60  # rights that are listed one by one; an administrator holds hundreds


def heading(rights: Rights) -> str:
    """Return how it stands in one sentence."""
    if count := len(rights.hindered):
        told = ngettext(
            "{count} change of the plan would be refused.", "{count} changes of the plan would be refused.", count
        )
        return told.format(count=count)
    if all(one.fits for one in rights.accounts):
        return _("Both accounts may do what is needed here, and no more.")
    return _("The accounts do not fit exactly what is needed here.")


def rights_text(rights: Rights, marks: Marks) -> Text:
    """Return everything about both accounts, and about the changes that were asked about."""
    text = Text()
    for one in rights.accounts:
        text.append_text(_account(one, marks))
    if rights.asked:
        text.append_text(_changes(rights, marks))
    text.append(_("A role with exactly these rights is shipped for each side; docs/roles.md says how to use it."))
    return text


def _account(one: Account, marks: Marks) -> Text:
    system = {"vcenter": _("vCenter"), "azure": _("Azure")}[one.system]
    text = Text()
    _field(text, system, one.who, "bold")
    _field(text, _("held to"), _("the role {role}, at {where}").format(role=one.role, where=one.where))
    if one.unread:
        text.append_text(marks.of(Status.UNKNOWN))
        text.append("\t" + _("its rights cannot be read: {why}").format(why=one.unread) + "\n\n")
        return text
    _listed(text, _("missing"), one.missing, _("nothing"), marks, Status.WARN)
    _listed(text, _("too much"), one.beyond, _("nothing"), marks, Status.INFO)
    text.append("\n")
    return text


def _listed(text: Text, label: str, rights: Sequence[str], none: str, marks: Marks, status: Status) -> None:
    if not rights:
        _field(text, label, none)
        return
    more = len(rights) - _SHOWN
    shown = [*rights[:_SHOWN], *([_("and {count} more").format(count=more)] if more > 0 else [])]
    count = ngettext("{count} right", "{count} rights", len(rights)).format(count=len(rights))
    _field(text, label, f"{marks.glyph(status)} {count}", marks.style(status))
    for one in shown:
        text.append(f"\t{one}\n")


def _changes(rights: Rights, marks: Marks) -> Text:
    text = Text()
    text.append(_("What could be planned now") + "\n", "bold")
    fine = [one for one in rights.asked if not one.missing and not one.unread]
    for one in rights.asked:
        if one.missing:
            _change(text, one, marks, Status.FAIL, _("lacks {names}").format(names=", ".join(one.missing)))
        elif one.unread:
            _change(text, one, marks, Status.UNKNOWN, _("not known: {why}").format(why=one.unread))
    if fine:
        count = len(fine)
        told = ngettext("{count} change lacks nothing", "{count} changes lack nothing", count).format(count=count)
        text.append_text(marks.of(Status.PASS))
        text.append(f"\t{told}\n")
    return text.append("\n")


def _change(text: Text, one: Asked, marks: Marks, status: Status, why: str) -> None:
    text.append_text(marks.of(status))
    text.append(f"\t{visible(one.change.title)}\n\t{visible(why, 600)}\n")


def _field(text: Text, label: str, value: str, style: str = "") -> None:
    text.append(label, "bold")
    text.append(f"\t{value}\n", style or "not bold")
