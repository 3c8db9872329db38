from __future__ import annotations

from dataclasses import replace

from failback.changes.guards import is_guarded, open_window
from failback.changes.on_azure import request
from tests.changes.stage import planned
from tests.tui.walking import broken_case


def test_what_vcenter_guards_by_the_version_of_the_vm_has_no_open_window() -> None:
    assert open_window(planned(broken_case(), "set-enable-uuid")) == ""


def test_a_call_without_a_guard_is_named_with_how_long_its_window_is() -> None:
    told = open_window(planned(broken_case(), "remove-snapshots"))
    assert told.startswith("RemoveAllSnapshots_Task: not refused if somebody else changes something")
    assert "30 s old at most" in told


def test_azure_guards_what_has_a_condition() -> None:
    for verb, guard, guarded in (
        ("PUT", {"If-None-Match": "*"}, True),
        ("PUT", {"if-match": 'W/"1"'}, True),
        ("PUT", {"x-ms-version": "1"}, False),
        ("POST", None, False),
    ):
        assert is_guarded(request(verb, "/subscriptions/s", {}, guard=guard)) is guarded


def test_what_changes_nothing_needs_no_guard() -> None:
    change = planned(broken_case(), "remove-snapshots")
    assert open_window(replace(change, before={}, after={})) == ""
