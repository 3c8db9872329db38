"""What is not there means what its reader declares: generated from the readers' own tables of properties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from types import ModuleType
from typing import Any

import pytest
from pyVmomi import vim

from failback.azure import allowed, read_compute, read_hubs, read_network, tables
from failback.azure.fields import NOT_TOLD, Field, Row
from failback.progress import never, silent
from failback.rehearsal import description as site
from failback.rehearsal.arm_wire import Reply
from failback.rehearsal.site import Site
from failback.vcenter import read_clusters, read_hosts, read_machines
from failback.vcenter.properties import Answer, Property
from tests.proof.acts import servers
from tests.proof.judging import Judged, opened
from tests.proof.unknown import hold_to_unknown
from wizard_steps.reading import Source

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=timezone.utc)
ABSENT = {"null": None, "empty": "", "unset": NOT_TOLD}


def fields_of(module: ModuleType) -> Iterator[tuple[str, Field[Any]]]:
    """Return every field that a reader declares, in its tables and by itself."""
    for name, thing in vars(module).items():
        if isinstance(thing, Field):
            yield name, thing
        elif isinstance(thing, Mapping) and name.isupper():
            yield from ((f"{name}.{key}", one) for key, one in thing.items() if isinstance(one, Field))


AZURE = [
    pytest.param(one, id=f"{module.__name__.rpartition('.')[2]}.{name}")
    for module in (tables, read_compute, read_network, read_hubs)
    for name, one in fields_of(module)
]


def with_leaf(paths: tuple[str, ...], value: object) -> dict[str, Any]:
    """Return an object that holds nothing but `value` at each path, or nothing where the leaf should be."""
    body: dict[str, Any] = {}
    for path in paths:
        *above, leaf = path.split(".")
        here = body
        for name in above:
            here = here.setdefault(name, {})
        if value is not NOT_TOLD:
            here[leaf] = value
    return body


@pytest.mark.parametrize("kind", ABSENT)
@pytest.mark.parametrize("field", AZURE)
def test_a_property_that_azure_leaves_out_means_what_is_declared(field: Field[Any], kind: str) -> None:
    reading = Row(with_leaf(field.paths, ABSENT[kind]), "Thing", NOW).read(field)
    assert reading.source is not None
    if field.absent is NOT_TOLD:
        assert not reading.was_seen
        assert reading.reason == "Azure gave no value"
    else:
        assert reading.value == field.absent


@pytest.mark.parametrize("field", AZURE)
def test_a_property_that_azure_sends_in_another_shape_is_never_raised(field: Field[Any]) -> None:
    for strange in (True, 0, -1, 1e308, "\x1b[2J", [], [None], ["x"], {}, {"value": []}, [[]]):
        reading = Row(with_leaf(field.paths, strange), "Thing", NOW).read(field)
        assert reading.was_seen or reading.reason


VCENTER: dict[str, Mapping[str, Property[Any]]] = {
    "VirtualMachine": read_machines.DEEP,
    "HostSystem": {**read_hosts.OF_EVERY_HOST, "mhz": read_hosts.CORE_MHZ, "cores": read_hosts.CORES},
    "Datastore": read_hosts.OF_EVERY_DATASTORE,
    "ClusterComputeResource": read_clusters.OF_EVERY_CLUSTER,
    "StoragePod": read_clusters.OF_EVERY_POD,
}
PROPERTIES = [
    pytest.param(kind, one, id=f"{kind}.{name}") for kind, table in VCENTER.items() for name, one in table.items()
]


@pytest.mark.parametrize(("kind", "declared"), PROPERTIES)
def test_a_property_that_vcenter_holds_no_value_for_means_what_is_declared(kind: str, declared: Property[Any]) -> None:
    source = Source("vcenter", f"{kind}.{declared.path}", NOW)
    assert declared.reading(Answer("x-1", {}, {}), kind, NOW) == declared.when_absent(source)
    assert declared.reading(Answer("x-1", {declared.path: None}, {}), kind, NOW) == declared.when_absent(source)


@pytest.mark.parametrize(("kind", "declared"), PROPERTIES)
def test_a_property_that_vcenter_would_not_tell_is_not_seen_whatever_is_declared(
    kind: str, declared: Property[Any]
) -> None:
    reading = declared.reading(Answer("x-1", {}, {declared.path: "denied"}), kind, NOW)
    assert reading.reason == "denied"


# -- the same at the wires, judged


def bodies(where: Site, name: str) -> list[dict[str, Any]]:
    """Return the JSON objects of the ready site that a table of fields is about."""
    details = where.arm.store.raw(site.fabric_id())["properties"]["customDetails"]
    targets = details["masterTargetServers"]
    machines = [one.name for one in site.MACHINES]
    ids = {
        "CONFIGURATION_SERVER": [site.fabric_id()],
        "PROVIDER": [site.provider_id()],
        "VCENTER": [f"{site.fabric_id()}/replicationvCenters/osaka-vcenter"],
        "MAPPING": [site.mapping_id("osaka-forward"), site.mapping_id("osaka-failback")],
        "POLICY": [site.policy_id("osaka-24h"), site.policy_id("osaka-24h-failback")],
        "PROTECTED_ITEM": [site.item_id(one) for one in machines],
        "NETWORK": [site.network_id("virtualNetworks", site.NETWORK)],
        "GATEWAY": [site.network_id("virtualNetworkGateways", "vgw-osaka")],
        "CONNECTION": [site.network_id("connections", "cn-osaka")],
    }
    inside = {
        "PROCESS_SERVER": servers(where, "processServers"),
        "MASTER_TARGET": targets,
        "RETENTION_VOLUME": [one for target in targets for one in target["retentionVolumes"]],
        "DATASTORE": [one for target in targets for one in target["dataStores"]],
    }
    return inside[name] if name in inside else [where.arm.store.raw(one) for one in ids[name]]


def told(module: ModuleType, *names: str) -> Iterator[Any]:
    """Return the fields of some tables whose absence tells nothing."""
    for name in names:
        for key, one in vars(module)[name].items():
            if one.absent is NOT_TOLD:
                yield pytest.param(name, one, id=f"{name}.{key}")


NOT_TOLD_FIELDS = [
    *told(tables, "CONFIGURATION_SERVER", "PROCESS_SERVER", "MASTER_TARGET", "RETENTION_VOLUME", "DATASTORE"),
    *told(tables, "PROVIDER", "VCENTER", "MAPPING", "POLICY", "PROTECTED_ITEM"),
    *told(read_network, "NETWORK", "GATEWAY", "CONNECTION"),
]


def leave_out(body: Any, path: str) -> None:
    """Take a property out of an object."""
    *above, leaf = path.split(".")
    for name in above:
        body = body.get(name) or {}
    body.pop(leaf, None)


@pytest.mark.parametrize(("table", "field"), NOT_TOLD_FIELDS)
def test_without_a_property_whose_absence_tells_nothing_what_depends_on_it_is_unknown(
    table: str, field: Field[Any], ready: Judged
) -> None:
    with opened() as (where, engine):
        for body in bodies(where, table):
            for path in field.paths:
                leave_out(body, path)
        azure = replace(engine._read_azure(silent, never), probed=ready.case.azure.probed)
        case = replace(ready.case, estate=replace(ready.case.estate, azure=azure))
        hold_to_unknown(ready, Judged(case, engine.judge(case)))


MEANS_NONE = {allowed.VM, allowed.PROTECTABLE_ITEM}


@pytest.mark.parametrize(
    "operation",
    [one for one in allowed.READS if one.name == "get" and one is not allowed.VAULT],
    ids=lambda one: one.title,
)
def test_a_404_means_there_is_none_only_where_the_reader_says_so(operation: allowed.Operation, ready: Judged) -> None:
    with opened() as (where, engine):
        missing = Reply.error(404, "ResourceNotFound", "The resource was not found.")
        where.arm.fault(operation.verb, allowed._pattern(operation.path).pattern + "$", missing, times=None)
        azure = replace(engine._read_azure(silent, never), probed=ready.case.azure.probed)
        case = replace(ready.case, estate=replace(ready.case.estate, azure=azure))
        report = engine.judge(case)
    if operation not in MEANS_NONE:
        hold_to_unknown(ready, Judged(case, report))
        return
    found = {one.requirement.id: one.status.value for one in report.findings if one.subject.name == "web01"}
    assert found["azvm-not-moved-or-deleted" if operation is allowed.VM else "cs-vm-in-db"] in {"fail", "warn"}


ALWAYS_THERE = f"{read_clusters._POD_CONFIG}.podConfig."  # vSphere requires what is below it: only the whole is unset
UNSET = [
    pytest.param(getattr(vim, kind), path, id=f"{kind}.{path}")
    for kind, table in VCENTER.items()
    for path in {one.path: None for one in table.values() if not one.path.startswith(ALWAYS_THERE)}
] + [pytest.param(vim.StoragePod, "podStorageDrsEntry", id="StoragePod.podStorageDrsEntry")]


@pytest.mark.parametrize(("kind", "path"), UNSET)
def test_an_unset_property_of_vcenter_is_judged_without_an_exception(kind: type, path: str, ready: Judged) -> None:
    from tests.proof.test_unknown_vcenter import judged_with

    def unset(where: Site) -> None:
        for ref in where.store.of_kind(kind):
            where.store.set(ref, {path: None})

    report = judged_with(ready, unset).report
    assert {one.requirement.id for one in report.findings} == {one.requirement.id for one in ready.report.findings}
