"""Promise 2: what leaves is what was confirmed: call by call, argument by argument, in that order, and nothing else.

Besides the lock, which is said beforehand, only the version that guards a call may differ: it is that of the reading
after the lock was taken.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from failback.changes import Change, Confirmation, Word, apply_plan, weight_of
from failback.errors import ChangeFailedError, OutcomeUnknownError
from tests.changes.cases import EXAMPLES
from tests.changes.stage import Stage, planned, unguarded
from tests.estates.changing import change_all
from tests.estates.ready import ready_case
from tests.promises.a_site import ASite

IN_VCENTER = (
    "set-enable-uuid",
    "exclude-from-drs",
    "exclude-from-storage-drs",
    "remove-snapshots",
    "power-off-source-vm",
)
BROKEN = {path: value for name in (*IN_VCENTER, "start-azure-vm") for path, value in EXAMPLES[name].broken.items()}
NAMES = (*IN_VCENTER, "start-azure-vm", "refresh-configuration-server")
EFFECTS = {method: dict(effect) for name in NAMES for method, effect in EXAMPLES[name].effects.items()}
ANSWERS = {
    "yes": lambda name: Confirmation(agreed=True, typed=name),
    "wrong name": lambda _name: Confirmation(agreed=True, typed="somebody else"),
    "no": lambda _name: Confirmation(agreed=False),
    "no, but the name": lambda name: Confirmation(agreed=False, typed=name),
}
"""What may be answered, by the name of the target that is asked about."""
TROUBLE = st.none() | st.tuples(
    st.sampled_from(["send", "follow", "lock"]),
    st.sampled_from([ChangeFailedError("vCenter", "it refused", "ask"), OutcomeUnknownError("vCenter", "?", "look")]),
)


def agrees(change: Change, answer: str) -> bool:
    """Tell whether an answer agrees to a change: where the name is asked for, only the right one does."""
    return answer == "yes" or (answer == "wrong name" and not weight_of(change).wants_the_name)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    names=st.lists(st.sampled_from(NAMES), unique=True),
    answers=st.lists(st.sampled_from(["yes", "yes", *ANSWERS]), min_size=7, max_size=7),
    trouble=TROUBLE,
)
def test_over_generated_plans_the_calls_are_those_of_the_changes_that_were_agreed_to(
    names: list[str], answers: list[str], trouble: tuple[str, Exception] | None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        case = change_all(ready_case(), BROKEN)
        changes = tuple(planned(case, name, **EXAMPLES[name].finding) for name in names)
        stage = Stage(case, Path(folder), dict(EFFECTS))
        if trouble is not None:
            stage.raises[trouble[0]] = trouble[1]
        said = iter(answers)
        agreed: list[Change] = []

        def confirm(shown: Change) -> Confirmation:
            answer = next(said)
            if agrees(shown, answer):
                agreed.append(shown)
            return ANSWERS[answer](shown.target.name)

        outcomes = apply_plan(stage.plan(*changes), stage.world(), confirm)

    confirmed = [call for one in agreed for call in one.calls]
    assert unguarded(stage.sent) == unguarded(confirmed)[: len(stage.sent)]
    shown_then = {one.id: one for one in changes}
    assert all(unguarded(one.calls) == unguarded(shown_then[one.id].calls) for one in agreed)
    if trouble is None:
        assert len(stage.sent) == len(confirmed)
        assert [one.word for one in outcomes if one.entry_id] == [Word.VERIFIED] * len(agreed)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("answer", ["no", "no, but the name"])
def test_a_no_sends_nothing_whatever_was_typed_with_it(name: str, answer: str, tmp_path: Path) -> None:
    case = change_all(ready_case(), BROKEN)
    change = planned(case, name, **EXAMPLES[name].finding)
    stage = Stage(case, tmp_path, dict(EFFECTS))
    [outcome] = apply_plan(stage.plan(change), stage.world(), lambda shown: ANSWERS[answer](shown.target.name))
    assert (outcome.word, stage.sent) == (Word.DECLINED, [])


ON_THE_SITE = [
    "set-enable-uuid",
    "exclude-from-drs",
    "exclude-from-storage-drs",
    "remove-snapshots",
    "power-off-source-vm",
]


@pytest.mark.parametrize("remedy", ON_THE_SITE)
def test_every_argument_arrives_at_the_wire_as_the_plan_shows_it(remedy: str, tmp_path: Path) -> None:
    site = ASite()
    change = site.change(remedy)

    [outcome] = site.apply(site.engine(tmp_path / "home"), change)

    assert outcome.word is Word.VERIFIED
    arrived = [one for one in site.arrived if not one.is_lock]
    assert [(one.name, one.moref) for one in arrived] == [
        (call.method, call.args["_this"]["value"]) for call in change.calls
    ]
    for one, call in zip(arrived, change.calls, strict=True):
        expected = {name: value for name, value in call.args.items() if name != "_this"}
        assert _comparable(one.args) == _comparable(expected)


def _comparable(value: Any) -> Any:
    """Return arguments without the names of types, which stand in a plan only where the place does not tell them."""
    if isinstance(value, dict):
        if value.get("_typeName") == "ManagedObjectReference":
            return value["value"]
        return {
            name: "…" if name == "changeVersion" else _comparable(one)
            for name, one in value.items()
            if name != "_typeName"
        }
    return [_comparable(one) for one in value] if isinstance(value, list) else value
