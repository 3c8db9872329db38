"""Step 6, row by row: the failback policy."""

from __future__ import annotations

import pytest

from tests.estates.ready import DENIED, GONE, change_all, ready_case, report_of
from tests.estates.ready_azure import CONTAINER, FAILBACK_POLICY, FORWARD_POLICY
from tests.estates.rows import Row, Unread, judged_by, requirements_of_step

POLICY = "azure.policies[to-azure-failback]"
MAPPING = "server.mappings[failback]"

GREEN = [
    Row("failback-policy-exists", "pass", "to-azure-failback"),
    Row("failback-policy-associated", "pass", "failback is Paired, its health Normal"),
    Row("failback-policy-values", "pass", "threshold 15 min, history 24 h, application snapshots every 60 min"),
    Row("failback-policy-readonly", "info", "another policy"),
    Row("policy-mapping-direction", "pass", "to-azure-failback"),
]

OTHER = [
    Row("failback-policy-exists", "fail", "none of the vault's 1 policies", {POLICY: GONE}),
    Row("failback-policy-exists", "fail", "none of the vault's 0 policies", {"azure.policies": ()}),
    Row("failback-policy-exists", "pass", "", {f"{POLICY}.instance_type": "inmage"}),
    Row("failback-policy-exists", "fail", "none", {f"{POLICY}.instance_type": "InMageRcmFailback"}),
    Row("failback-policy-associated", "fail", "no failback policy is associated with CS01", {MAPPING: GONE}),
    Row("failback-policy-associated", "fail", "no failback policy", {f"{MAPPING}.policy_id": FORWARD_POLICY}),
    Row(
        "failback-policy-associated",
        "fail",
        "no failback policy",
        {f"{MAPPING}.target_container_id": "Microsoft Azure"},
    ),
    Row("failback-policy-associated", "warn", "its health Warning", {f"{MAPPING}.health": "Warning"}),
    Row("failback-policy-associated", "pending", "PairingInProgress", {f"{MAPPING}.state": "PairingInProgress"}),
    Row("failback-policy-associated", "fail", "PairingFailed", {f"{MAPPING}.state": "PairingFailed"}),
    Row("failback-policy-associated", "unknown", "Courting", {f"{MAPPING}.state": "Courting"}),
    Row(
        "failback-policy-associated",
        "pass",
        "",
        {f"{MAPPING}.target_container_id": CONTAINER.upper(), f"{MAPPING}.policy_id": FAILBACK_POLICY.upper()},
    ),
    Row(
        "failback-policy-associated",
        "fail",
        "no protection container",
        {"azure.protected_items": (), "server.container_ids": ()},
    ),
    Row(
        "failback-policy-associated",
        "fail",
        "no failback policy",
        {"azure.protected_items[web01].container_id": f"{CONTAINER}-2"},
    ),
    Row("failback-policy-values", "warn", "threshold 30 min", {f"{POLICY}.rpo_threshold_minutes": 30}),
    Row("failback-policy-values", "warn", "history 0.4 h", {f"{POLICY}.history_minutes": 24}),
    Row("failback-policy-values", "warn", "every 0 min", {f"{POLICY}.app_consistent_minutes": 0}),
    Row("failback-policy-values", "not-applicable", "no failback policy", {POLICY: GONE}),
    Row(
        "policy-mapping-direction",
        "fail",
        "points at Microsoft Azure, not at its own container",
        {f"{MAPPING}.target_container_id": "Microsoft Azure"},
    ),
    Row("policy-mapping-direction", "fail", "no failback policy is ready", {MAPPING: GONE}),
    Row("policy-mapping-direction", "fail", "no failback policy is ready", {f"{MAPPING}.state": "Unpaired"}),
]

UNREAD = [
    *(
        Unread(row, path)
        for row, paths in {
            "failback-policy-exists": ("azure.policies", f"{POLICY}.instance_type"),
            "failback-policy-values": (
                "azure.policies",
                f"{POLICY}.rpo_threshold_minutes",
                f"{POLICY}.history_minutes",
                f"{POLICY}.app_consistent_minutes",
            ),
            "failback-policy-associated": (
                "azure.policies",
                "server.mappings",
                "azure.protected_items",
                f"{MAPPING}.policy_id",
                f"{MAPPING}.target_container_id",
                f"{MAPPING}.state",
                f"{MAPPING}.health",
            ),
            "policy-mapping-direction": (
                "azure.policies",
                "server.mappings",
                f"{MAPPING}.policy_id",
                f"{MAPPING}.state",
            ),
            "failback-policy-readonly": ("azure.configuration_servers",),
        }.items()
        for path in paths
    ),
]


@pytest.mark.parametrize("row", [*GREEN, *OTHER, *UNREAD], ids=lambda row: row.sentence)
def test_each_row_is_judged_as_the_table_says(row: Row | Unread) -> None:
    row.check()


def test_every_requirement_of_the_step_is_in_the_tables() -> None:
    tables = judged_by(GREEN), judged_by(OTHER) | {"failback-policy-readonly"}, judged_by(UNREAD)
    assert all(one == requirements_of_step(6) for one in tables)


def test_containers_of_a_vault_without_failed_over_machines_are_all_asked_for() -> None:
    empty = {"azure.protected_items": ()}
    Row("failback-policy-associated", "pass", "Paired", empty).check()
    Row("failback-policy-associated", "unknown", "denied", {**empty, "server.container_ids": DENIED}).check()


def test_a_missing_policy_is_the_root_of_what_follows_from_it() -> None:
    report = report_of(change_all(ready_case(), {POLICY: GONE, MAPPING: GONE}))
    causes = {one.requirement.id: one.caused_by for one in report.of_step(6) if one.status.value == "fail"}
    assert causes == {
        "failback-policy-exists": None,
        "failback-policy-associated": "failback-policy-exists",
        "policy-mapping-direction": "failback-policy-exists",
    }
