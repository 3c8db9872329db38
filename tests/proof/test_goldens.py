"""The whole reports of the rehearsal's two sites, as they are handed over: to read, and to hold still.

`python -m pytest tests/proof/test_goldens.py --renew-goldens` writes them anew; what changed is then for a review.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from failback.engine import Engine
from failback.rehearsal.site import rehearsal_site
from failback.report import Heading, write
from failback.sessions import RehearsalSessions
from tests.proof.judging import NOWHERE
from wizard_steps.judge import Report
from wizard_steps.requirement import Status, Verdict

GOLDENS = Path(__file__).parent / "goldens"
ATTESTATIONS = GOLDENS / "attestations.json"
FORMS = {"text": "txt", "json": "json.txt", "markdown": "md"}
SITES: dict[str, tuple[str, bool]] = {
    "faulty": ("faulty", False),
    "to-attest": ("ready", False),
    "ready": ("ready", True),
}
Hold = Callable[[Path, str], None]


@pytest.fixture
def hold(request: pytest.FixtureRequest) -> Hold:
    """Return what compares a text with a committed file, or writes it where goldens are renewed."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--renew-goldens", default=False):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare


@cache
def report_of(name: str) -> Report:
    """Return the report of a site, with the committed attestations where they are given."""
    estate, vouched_for = SITES[name]
    site = rehearsal_site(estate)
    engine = Engine(site.profile(), RehearsalSessions(site), site.clock, NOWHERE, rehearsal=site)
    try:
        case = engine.look()
        if vouched_for:
            for requirement, subject in json.loads(ATTESTATIONS.read_text(encoding="utf-8")):
                case = engine.attest(requirement, subject, "operator")
        return engine.judge(case)
    finally:
        engine.close()


def asked(report: Report) -> list[list[str]]:
    """Return what a person has to vouch for: requirement and subject."""
    return sorted([one.requirement.id, one.subject.name] for one in report.findings if one.status is Status.ATTEST)


def test_the_ready_site_asks_for_exactly_the_committed_attestations(hold: Hold) -> None:
    report = report_of("to-attest")
    assert report.verdict is Verdict.TO_ATTEST
    hold(ATTESTATIONS, json.dumps(asked(report), indent=1, ensure_ascii=False) + "\n")


def test_with_exactly_the_committed_attestations_the_site_is_ready() -> None:
    report = report_of("ready")
    assert report.verdict is Verdict.READY
    assert asked(report) == []


def test_the_faulty_site_is_not_ready() -> None:
    assert report_of("faulty").verdict is Verdict.NOT_READY


def in_lines(text: str) -> str:
    """Return a JSON report with a line for each finding; sources and subjects stand once each, and are numbered.

    Nothing is left out: it only gets short enough to be kept, and to be read where it differs.
    """
    document = json.loads(text)
    numbered: dict[str, dict[str, int]] = {"sources": {}, "subjects": {}}

    def number(kind: str, thing: object) -> int:
        return numbered[kind].setdefault(json.dumps(thing), len(numbered[kind]))

    findings = [
        {
            **one,
            "subject": number("subjects", one["subject"]),
            "sources": [number("sources", source) for source in one["sources"]],
        }
        for one in document.pop("findings")
    ]
    lines = [
        json.dumps(document),
        *(f"{kind} {place}: {one}" for kind in numbered for one, place in numbered[kind].items()),
    ]
    return "\n".join([*lines, *map(json.dumps, findings)]) + "\n"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SITES)
def test_the_report_reads_as_committed(name: str, form: str, hold: Hold) -> None:
    text = write(report_of(name), Heading("rehearsal", rehearsal=True, version="0.0.0"), form)
    hold(GOLDENS / f"{name}.{FORMS[form]}", in_lines(text) if form == "json" else text)
