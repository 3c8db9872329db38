"""The report for a build server: one suite a step, one case a finding, in the XML that JUnit made common.

A case passes only for what was seen to be right: what is not known, or waits for somebody to vouch for it, is an
error there. The file is well-formed whatever the names in it hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree.ElementTree import Element, indent, tostring

from failback.report.heading import Heading
from failback.report.json_report import TOOL, utc
from failback.report.markup import add, possible
from failback.report.words import status_word
from wizard_steps.judge import Report, StepResult
from wizard_steps.outside import visible
from wizard_steps.requirement import Finding, Status
from wizard_steps.wording import _

_LONGEST: Final = 4000  # characters of one text

OUTCOMES: Final[Mapping[Status, str]] = {
    Status.FAIL: "failure",
    Status.PENDING: "failure",
    Status.UNKNOWN: "error",
    Status.ATTEST: "error",
    Status.NOT_APPLICABLE: "skipped",
}
"""The element inside a case of each status; a status that is not listed passes."""


def junit_report(report: Report, heading: Heading) -> str:
    """Return the report as JUnit's XML."""
    name = f"{TOOL} {visible(heading.profile)}" + (" REHEARSAL" if heading.rehearsal else "")
    root = Element("testsuites", {"name": possible(name), **_counts(report.findings)})
    for step in report.steps:
        _suite(root, step, report, heading)
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, step: StepResult, report: Report, heading: Heading) -> None:
    mine = [one for one in report.findings if one.requirement.step.number == step.step.number]
    title = _("step {number}: {title}").format(number=step.step.number, title=_(step.step.title))
    suite = add(root, "testsuite", name=title, timestamp=utc(report.taken_at).rstrip("Z"), **_counts(mine))
    properties = add(suite, "properties")
    for name, value in (
        ("version", heading.version),
        ("profile", visible(heading.profile)),
        ("rehearsal", str(heading.rehearsal).lower()),
        ("verdict", report.verdict.value),
    ):
        add(properties, "property", name=name, value=value)
    for finding in mine:
        _case(suite, finding)


def _case(suite: Element, finding: Finding) -> None:
    step = f"failback.step_{finding.requirement.step.number:02d}"
    subject = "" if finding.subject.name == "-" else f" [{visible(finding.subject.name)}]"
    case = add(suite, "testcase", classname=step, name=finding.requirement.id + subject, time="0")
    outcome = OUTCOMES.get(finding.status)
    evidence = visible(finding.evidence, _LONGEST)
    if outcome is None:
        add(case, "system-out", evidence)
    elif outcome == "skipped":
        add(case, outcome, message=evidence)
    else:
        add(case, outcome, _told(finding), type=finding.status.value, message=evidence)


def _told(finding: Finding) -> str:
    """Return what a person reads who opens the case."""
    rows = (
        (status_word(finding.status), _(finding.requirement.statement)),
        (_("why"), finding.cause or ""),
        (_("do"), finding.action or ""),
        (_("explained by"), finding.caused_by or ""),
        (_("document"), finding.requirement.seed),
    )
    return "\n".join(f"{label}: {visible(text, _LONGEST)}" for label, text in rows if text)


def _counts(findings: Sequence[Finding]) -> dict[str, str]:
    outcomes = [OUTCOMES.get(one.status) for one in findings]
    return {
        "tests": str(len(outcomes)),
        "failures": str(outcomes.count("failure")),
        "errors": str(outcomes.count("error")),
        "skipped": str(outcomes.count("skipped")),
        "time": "0",
    }
