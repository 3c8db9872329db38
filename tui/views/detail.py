"""Everything about one row of a step, as text for the detail pane."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.text import Text

from tui.marks import Marks
from tui.views import words
from tui.views.row import Row
from wizard_steps.outside import visible
from wizard_steps.requirement import Finding
from wizard_steps.wording import N_, _, ngettext

_KINDS = {
    "machine": N_("machine"),
    "configuration-server": N_("configuration server"),
    "process-server": N_("process server"),
    "master-target": N_("master target"),
    "esxi-host": N_("ESXi host"),
    "datastore": N_("datastore"),
    "retention-volume": N_("retention volume"),
    "consistency-group": N_("consistency group"),
    "policy": N_("policy"),
    "connection": N_("connection"),
    "port": N_("port"),
    "network": N_("network"),
    "account": N_("account"),
    "vcenter": N_("vCenter"),
    "vault": N_("vault"),
    "appliance": N_("appliance"),
    "batch": N_("all machines"),
}


def kind_words(kind: str) -> str:
    """Return a kind of subject in words."""
    return _(_KINDS.get(kind, kind))


def _field(text: Text, label: str, value: str, style: str = "") -> None:
    if not value:
        return
    first, *more = value.split("\n")
    text.append(label, "bold")
    text.append(f"\t{first}\n", style)
    for line in more:
        text.append(f"\t{line}\n", style)


def detail_of(row: Row, marks: Marks, now: datetime) -> Text:
    """Return the detail of a row: one finding in full, or what a fold holds."""
    if row.finding is None:
        return _fold(row, marks)
    return finding_text(row.findings, marks, now, row.follow)


def _fold(row: Row, marks: Marks) -> Text:
    text = Text(row.text + "\n", style="bold")
    text.append(_("Press Right or Space to unfold.") + "\n")
    for child in row.children:
        text.append_text(marks.of(child.status))
        text.append("\t" + " ".join(part for part in (child.subject, child.text) if part) + "\n")
    return text


def finding_text(findings: Sequence[Finding], marks: Marks, now: datetime, follow: int = 0) -> Text:
    """Return one finding, or several that say the same, in full."""
    one = findings[0]
    text = Text()
    text.append_text(marks.of(one.status))
    text.append("  " + _(one.requirement.statement) + "\n", "bold")
    names = ", ".join(visible(each.subject.name) for each in findings if each.subject.name != "-")
    _field(text, kind_words(one.subject.kind), names)
    _field(text, _("seen"), one.evidence)
    _field(text, _("why"), one.cause or "")
    _field(text, _("do"), one.action or "", "bold")
    if one.due is not None:
        _field(text, _("settled"), words.until(one.due, now))
    if follow:
        count = ngettext("{count} finding follows from it", "{count} findings follow from it", follow)
        _field(text, _("explains"), count.format(count=follow))
    if one.caused_by is not None:
        _field(text, _("follows"), _("from {root}; mend that first").format(root=one.caused_by))
    _field(
        text, _("observed"), "; ".join(f"{visible(key)} = {words.value(value)}" for key, value in one.observed.items())
    )
    _field(text, _("source"), "\n".join(words.source(each, now) for each in one.sources) or _("nothing was looked at"))
    if one.machines and one.subject.kind != "machine":
        _field(text, _("concerns"), words.machines(one.machines, limit=6))
    _field(
        text,
        _("rule"),
        f"{one.requirement.id} · {words.place(one.requirement.seed)}"
        if not marks.ascii
        else f"{one.requirement.id}, {words.place(one.requirement.seed)}",
    )
    return text
