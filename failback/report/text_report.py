"""The report for a terminal of 80 columns: the verdict and the one next action first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from failback.layout import cells, cut, folded, padded
from failback.report.heading import Heading
from failback.report.outline import Entry, Outline, Section, outline
from failback.report.words import mark, status_word, verdict_mark, verdict_word
from wizard_steps.judge import Report
from wizard_steps.outside import visible
from wizard_steps.requirement import Status
from wizard_steps.wording import _, ngettext

WIDTH = 80
_INDENT = "    "
_ALIKE = 3  # as much evidence of one requirement is told; more is counted
_MANY = 6  # as many names are listed; more are counted


def text_report(report: Report, heading: Heading) -> str:
    """Return the report as text, at most 80 cells wide."""
    told = outline(report)
    lines = [
        *_head(report, heading),
        "",
        *_verdict(told, heading),
        *_next(told),
        *(line for section in told.sections for line in _section(section, heading)),
        *_steps(told, heading),
        *_machines(told, heading),
    ]
    return "\n".join(lines) + "\n"


def _head(report: Report, heading: Heading) -> Iterator[str]:
    if heading.rehearsal:
        yield _("REHEARSAL: this is the practice site, not yours")
    yield from folded(
        _("failback {version}, profile {profile}, looked at {time} UTC").format(
            version=heading.version,
            profile=visible(heading.profile),
            time=f"{report.taken_at:%Y-%m-%d %H:%M}",
        ),
        WIDTH,
    )


def _verdict(told: Outline, heading: Heading) -> Iterator[str]:
    lead = f"{verdict_mark(told.verdict, ascii_only=heading.ascii_only)} {verdict_word(told.verdict).upper()}  "
    count = len(told.machines)
    ready = sum(one.verdict.value.startswith("ready") for one in told.machines)
    sentence = ngettext("{ready} of {count} machine is ready", "{ready} of {count} machines are ready", count)
    none = _("no machine that could come home was seen")
    yield from folded(sentence.format(ready=ready, count=count) if count else none, WIDTH, lead)


def _next(told: Outline) -> Iterator[str]:
    yield ""
    if told.next is None:
        yield from folded(_("nothing is left to prepare: reprotect the machines"), WIDTH, _("Next: "))
        return
    where, first = _names(told.next.subjects), told.next.evidence[0]
    if told.next.todo == first:  # to be vouched for: the sentence says it all
        yield from folded(": ".join(filter(None, (where, first))), WIDTH, _("Next: "))
        return
    yield from folded(told.next.todo, WIDTH, _("Next: "))
    because = _("because {evidence}").format(evidence=first)
    yield from folded(": ".join(filter(None, (where, because))), WIDTH, " " * cells(_("Next: ")))


def _section(section: Section, heading: Heading) -> Iterator[str]:
    yield ""
    yield f"{section.title} ({len(section.entries)})"
    for entry in section.entries:
        yield from _entry(entry, heading)


def _entry(entry: Entry, heading: Heading) -> Iterator[str]:
    lead = f"  {mark(entry.status, ascii_only=heading.ascii_only)} {padded(status_word(entry.status), 8)}"
    names = _names(entry.subjects)
    yield from folded(f"{names}: {entry.title}" if names else entry.title, WIDTH, lead, _INDENT)
    yield from _evidence(entry)
    if entry.cause:
        yield from folded(entry.cause, WIDTH, _INDENT + _("why:  "))
    vouch = _("vouch for it in the wizard, which keeps who did and when")
    action = vouch if entry.status is Status.ATTEST else entry.action
    if action:
        yield from folded(action, WIDTH, _INDENT + _("do:   "))
    if entry.remedies:
        yield from folded(
            _("the wizard and `failback plan` offer it: {remedies}").format(remedies=", ".join(entry.remedies)),
            WIDTH,
            _INDENT,
        )
    if entry.explains:
        yield from folded(
            ngettext("explains {count} more: {rows}", "explains {count} more: {rows}", len(entry.explains)).format(
                count=len(entry.explains), rows=_names(entry.explains)
            ),
            WIDTH,
            _INDENT,
        )
    yield from folded(_place(entry), WIDTH, _INDENT)


def _evidence(entry: Entry) -> Iterator[str]:
    """Yield what was seen; of much that is alike, the first few."""
    seen = [one for one in entry.evidence if one != entry.title]
    for one in seen if len(seen) <= _ALIKE else seen[: _ALIKE - 1]:
        yield from folded(one, WIDTH, _INDENT + _("seen: "))
    if len(seen) > _ALIKE:
        more = len(seen) - _ALIKE + 1
        told = ngettext("and {count} more like it", "and {count} more like these", more).format(count=more)
        yield from folded(told, WIDTH, _INDENT + " " * cells(_("seen: ")))


def _place(entry: Entry) -> str:
    """Return where a requirement stands: our step, its id, and the document's own place."""
    steps = ngettext("step {numbers}", "steps {numbers}", len(entry.steps)).format(
        numbers=", ".join(str(one) for one in entry.steps)
    )
    place = [] if entry.place is None else [_("document: {place}").format(place=entry.place)]
    return f"[{'; '.join([steps, _names(entry.requirements), *place])}]"


def _steps(told: Outline, heading: Heading) -> Iterator[str]:
    yield ""
    yield _("Steps")
    for one in told.steps:
        sign = mark(one.status, ascii_only=heading.ascii_only)
        yield from folded(
            _(one.step.title), WIDTH, f"  {sign} {padded(status_word(one.status), 8)}{one.step.number:>2}  "
        )


def _machines(told: Outline, heading: Heading) -> Iterator[str]:
    if not told.machines:
        return
    yield ""
    yield _("Machines")
    names = [visible(one.name) for one in told.machines]
    width = min(max(cells(name) for name in names), 40)
    for name, one in zip(names, told.machines, strict=True):
        sign = verdict_mark(one.verdict, ascii_only=heading.ascii_only)
        shown = padded(cut(name, width, "..." if heading.ascii_only else "…"), width)
        yield f"  {sign} {shown}  {verdict_word(one.verdict)}"


def _names(names: Sequence[str]) -> str:
    """Return some names as one text; of many, the first few and how many more."""
    if len(names) <= _MANY:
        return ", ".join(names)
    more = len(names) - _MANY + 1
    return ngettext("{names} and {count} more", "{names} and {count} more", more).format(
        names=", ".join(names[: _MANY - 1]), count=more
    )
