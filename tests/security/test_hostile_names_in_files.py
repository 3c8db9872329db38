"""What is written down keeps the raw name, and can still be looked at on any terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from failback.changes.journal import Journal, Origin
from failback.changes.plan import Plan
from failback.commands.change_text import change_lines, entry_lines
from tests.estates.ready import NOW
from tests.security.hostile import NAMES, NEVER_RAW
from tests.security.hostile_site import HostileEngine
from tests.tui.fake_engine import StandingClock

PAYLOAD = "".join(NAMES[:20])


@pytest.fixture(scope="module")
def plan() -> Plan:
    engine = HostileEngine(PAYLOAD)
    case = engine._case()
    return engine.plan(case, engine.judge(case))


def test_the_journal_is_ascii_and_gives_the_raw_name_back(plan: Plan, tmp_path: Path) -> None:
    journal = Journal(tmp_path, StandingClock(), who="op" + PAYLOAD, where="here" + PAYLOAD)
    entry_id = journal.intent(plan.changes[0], Origin("ready" + PAYLOAD, False, plan.digest))
    journal.outcome(entry_id, "failed", "it said " + PAYLOAD)
    assert not NEVER_RAW & set(journal.path.read_text(encoding="ascii"))
    [entry] = journal.history()
    assert (entry.change.target.name, entry.who) == ("MT01" + PAYLOAD, "op" + PAYLOAD)
    assert not NEVER_RAW & set("\n".join(entry_lines(entry)))


def test_a_plan_is_ascii_and_gives_the_raw_name_back(plan: Plan) -> None:
    text = plan.to_text()
    assert text.isascii()
    assert not NEVER_RAW & set(text)
    assert Plan.from_text(text).changes[0].target.name == "MT01" + PAYLOAD
    assert Plan.from_text(text).made_at == NOW
    for change in plan.changes:
        assert not NEVER_RAW & set("\n".join(change_lines(change)))
