"""The shipped roles cover every call of their runs, by what vSphere and Azure themselves say the calls want."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from pyVmomi.VmomiSupport import GuessWsdlType

from failback.azure import allowed
from failback.changes.lock import TAKE_OVER
from failback.changes.on_vcenter import RECONFIGURE
from failback.changes.remedies import CARRIED_OUT
from failback.roles import (
    AZURE_OPERATOR,
    AZURE_READER,
    VCENTER_GRANTOR,
    VCENTER_OPERATOR,
    VCENTER_READER,
    actions_of,
    privileges_of,
)
from failback.vcenter.allowed import READS
from tests.changes.cases import EXAMPLES
from tests.changes.stage import planned
from tests.promises.a_site import ASite

SERVICES = (
    "ServiceInstance",
    "SessionManager",
    "ViewManager",
    "ContainerView",
    "PropertyCollector",
    "EventManager",
    "LicenseAssignmentManager",
    "AuthorizationManager",
    "HostDatastoreBrowser",
    "VirtualDiskManager",
)
CODE = Path(__file__).parents[2] / "failback"
PRIVILEGE = re.compile(
    r'"((?:VirtualMachine|Host|StoragePod|Datastore|Resource|Network|Folder|Global|Authorization)\.[A-Za-z.]+)"'
)
EVERY_SESSION_HAS = {"System.Anonymous", "System.View"}


def wanted_for(name: str) -> str | None:
    """Return the privilege that vSphere's own description of a call names; `None`: it names none."""
    methods = [getattr(GuessWsdlType(kind), name, None) for kind in SERVICES]
    infos = [one.info for one in methods if hasattr(one, "info")]
    assert infos, name
    return infos[0].privId


def all_privileges() -> dict[str, set[str]]:
    """Return, by remedy, the privileges that its changes name."""
    return {name: set(planned(one.case, name, **one.finding).privileges) for name, one in EXAMPLES.items()}


def declared() -> set[str]:
    """Return the privileges that vSphere's own description names for the calls of every remedy."""
    calls = [call for name, one in EXAMPLES.items() for call in planned(one.case, name, **one.finding).calls]
    methods: list[Any] = [
        getattr(GuessWsdlType(call.args["_this"]["type"]), call.method) for call in calls if call.system == "vcenter"
    ]
    return {one.info.privId for one in methods if one.info.privId is not None}


@pytest.mark.parametrize("name", sorted(READS))
def test_the_readers_role_in_vcenter_covers_every_read(name: str) -> None:
    wanted = wanted_for(name)

    assert wanted is None or wanted in privileges_of(VCENTER_READER)


def test_the_readers_role_in_vcenter_has_nothing_that_changes() -> None:
    assert privileges_of(VCENTER_READER) == {*EVERY_SESSION_HAS, "System.Read"}


def written() -> set[str]:
    """Return every privilege of vCenter that stands in the code of a change, also of one that has no example here."""
    texts = (path.read_text(encoding="utf-8") for part in ("changes", "guest") for path in (CODE / part).glob("*.py"))
    return {found for text in texts for found in PRIVILEGE.findall(text)}


def test_the_operators_role_in_vcenter_is_the_readers_what_the_remedies_name_and_what_vsphere_wants() -> None:
    named = {one for names in all_privileges().values() for one in names if not one.startswith("Microsoft.")}
    known = {*named, *written(), *declared(), RECONFIGURE, *privileges_of(VCENTER_READER)}
    givers = {one for one in known if one.startswith("Authorization.")}  # who may give rights can take all of them

    assert privileges_of(VCENTER_OPERATOR) == known - givers
    assert privileges_of(VCENTER_GRANTOR) == givers | privileges_of(VCENTER_READER)


def in_any_case(actions: Iterable[str]) -> set[str]:
    """Return actions as Azure compares them."""
    return {action.casefold() for action in actions}


def test_the_readers_role_in_azure_is_exactly_what_reads_probes_and_asking_for_ones_rights_want() -> None:
    every = (*allowed.READS, *allowed.PROBES, allowed.PERMISSIONS)

    assert privileges_of(AZURE_READER) == {action for one in every for action in actions_of(one)}


def test_the_operators_role_in_azure_is_exactly_what_reads_probes_and_changes_want() -> None:
    every = (*allowed.READS, *allowed.PROBES, *allowed.CHANGES)

    assert in_any_case(privileges_of(AZURE_OPERATOR)) == in_any_case(one for each in every for one in actions_of(each))


def test_every_action_that_a_remedy_names_is_in_the_operators_role_and_fits_its_request() -> None:
    for name, example in EXAMPLES.items():
        one = planned(example.case, name, **example.finding)
        named = {each for each in one.privileges if each.startswith("Microsoft.")}
        assert {each.casefold() for each in named} <= {each.casefold() for each in privileges_of(AZURE_OPERATOR)}, name


def test_a_reader_of_azure_can_change_nothing() -> None:
    only_asks = {action for one in allowed.ASKING for action in actions_of(one)}

    assert all(action.endswith("/read") for action in privileges_of(AZURE_READER) - only_asks)


@pytest.mark.parametrize("probe", [False, True])
def test_what_a_read_run_really_asks_is_covered_by_the_readers_roles(*, probe: bool, tmp_path: Path) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home", read_only=True)
    engine.look(probe=probe)
    for call in {one.name for one in site.site.wire.calls}:
        assert wanted_for(call) in {None, *privileges_of(VCENTER_READER)}
    for request in site.site.arm.requests:
        lists = (*allowed.READS, *allowed.PROBES)
        operations = [one for one in lists if allowed.on_the_list((one,), request.method, request.path)]
        assert operations, request.path
        assert any(actions_of(one) <= privileges_of(AZURE_READER) for one in operations)


def test_taking_over_a_lock_wants_no_more_than_locking() -> None:
    assert TAKE_OVER not in CARRIED_OUT
    assert RECONFIGURE in privileges_of(VCENTER_OPERATOR)
