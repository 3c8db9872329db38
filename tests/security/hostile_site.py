"""The wizard on a site whose every name wants to do harm, as a program of its own for a pseudo-terminal.

python tests/security/hostile_site.py 1,2,3               (the numbers of the payloads, all in each name)
python tests/security/hostile_site.py plain
python tests/security/hostile_site.py crash SECRET        (a handler of the screens fails with SECRET in its frames)
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from failback.changes.journal import Entry, Origin
from failback.changes.lock import KEY
from failback.rights import Account, Asked, Rights
from tests.estates.changing import change
from tests.estates.ready import NOW
from tests.security.hostile import NAMES
from tests.tui.fake_engine import FakeEngine
from tests.tui.walking import broken_case
from wizard_steps.case import Case
from wizard_steps.choices import Choices
from wizard_steps.judge import Report
from wizard_steps.outside import Outside, visible
from wizard_steps.reading import Reading
from wizard_steps.requirement import Verdict

KEPT = frozenset({"original", "alternate", ""})


def hostile(payload: str, *, extra_config: Mapping[str, Outside] | None = None) -> Case:
    """Return a described site with `payload` at the end of every text from outside, and of every choice."""
    case = change(broken_case(), "vcenter.machines[MT01].extra_config", extra_config or {})
    estate = _with(case.estate, payload, inside_choices=False)
    return dataclasses.replace(case, estate=estate, choices=_with(case.choices, payload, inside_choices=True))


def _with(value: Any, payload: str, *, inside_choices: bool) -> Any:  # noqa: PLR0911 -- one line for each kind of value
    if isinstance(value, Outside):
        return Outside(value.raw + payload)
    if isinstance(value, str):
        return value + payload if inside_choices and value not in KEPT else value
    if isinstance(value, Reading):
        return value.map(lambda seen: _with(seen, payload, inside_choices=False)) if value.was_seen else value
    if isinstance(value, Mapping):
        return {key: _with(one, payload, inside_choices=False) for key, one in value.items()}
    if isinstance(value, tuple):
        return tuple(_with(one, payload, inside_choices=inside_choices) for one in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        deeper = inside_choices or isinstance(value, Choices)
        changes = {
            one.name: _with(getattr(value, one.name), payload, inside_choices=deeper)
            for one in dataclasses.fields(value)
            if one.init
        }
        return dataclasses.replace(value, **changes)
    return value


class HostileEngine(FakeEngine):
    """A site with something for every screen: a lock of somebody's, a run that was cut off, a machine that is ready,
    accounts that do not fit; every text of theirs ends in `payload`."""

    def __init__(self, payload: str) -> None:
        super().__init__(hostile(payload, extra_config={KEY: Outside("somebody")}))
        report = super().judge(self._case())
        [first, *_] = self.plan(self._case(), report).changes
        self.entries = [
            Entry(number, NOW, "op" + payload, "here" + payload, Origin("ready" + payload, False, ""), first, (), word)
            for number, word in (("1", "verified"), ("2", None))
        ]
        account = Account("vcenter", visible("op" + payload), "the root", "vcenter-operator", (visible(payload),))
        self.held = Rights((account,), (Asked(first, unread=payload),))

    def judge(self, case: Case) -> Report:
        report = super().judge(case)
        first, *others = report.machines
        return dataclasses.replace(
            report, machines=(dataclasses.replace(first, verdict=Verdict.READY_WITH_WARNINGS), *others)
        )


def main() -> int:
    """Run the wizard."""
    from failback.crash import keep_no_core, print_nothing_unasked
    from tui.app import run_rehearsal

    keep_no_core()
    print_nothing_unasked()
    if sys.argv[1] == "crash":
        from tui.screens.machines_screen import MachinesScreen

        secret = sys.argv[2][::-1]

        def fails(_screen: object, password: str = secret) -> None:
            raise RuntimeError(password, {"in a local": password})

        MachinesScreen.show_site = fails  # type: ignore[method-assign]
        return run_rehearsal(FakeEngine(broken_case()))  # type: ignore[arg-type]
    numbers = [] if sys.argv[1] == "plain" else [int(one) for one in sys.argv[1].split(",")]
    engine = HostileEngine("".join(NAMES[number] for number in numbers))
    return run_rehearsal(engine)  # type: ignore[arg-type]


if __name__ == "__main__":
    raise SystemExit(main())
