"""Steps 4 to 6 on estates that are odd but real: what nobody saw, does not know or cannot tell apart never passes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.estates.another_vcenter import with_another_vcenter
from tests.estates.paths import AZURE_VM, ITEM, PROVIDER, PS, VCENTER
from tests.estates.ready import (
    DENIED,
    GONE,
    change_all,
    findings_of,
    minutes_ago,
    ready_case,
    report_of,
)
from tests.estates.ready_azure import CS_ADDRESS, MT_ADDRESS, SUBNET, azure_saw, vm_id
from tests.estates.rows import Row
from wizard_steps.case import Case
from wizard_steps.choices import Attestation
from wizard_steps.outside import Outside
from wizard_steps.reading import seen
from wizard_steps.seen_by_probes import Connectivity, ConnectivityProbe
from wizard_steps.seen_in_azure import Policy, Usage, VCenterRecord


def _other_policy(known: tuple[Policy, ...]) -> tuple[Policy, ...]:
    spare = Policy(
        "/policies/spare", Outside("spare"), azure_saw("InMage"), azure_saw(15), azure_saw(4320), azure_saw(60)
    )
    return (*known, spare)


ON_PREMISES: dict[str, object] = {"target.process_server": "CS01"}
COINCIDENCE: dict[str, object] = {
    **ON_PREMISES,
    "azure.network_interfaces[db01-nic].addresses": ((CS_ADDRESS, SUBNET),),
}
PROCESS_SERVER = [
    # some Azure VM has the address that the configuration server has on-premises
    Row("ps-azure-required", "fail", "no Azure VM", COINCIDENCE),
    Row("ps-onprem-poc-er", "fail", "stands on-premises", COINCIDENCE),
    Row("ps-azure-required", "pending", "starting", {"azure.vms[PS-AZ-01].power_state": "starting"}),
    # an address that is none does not stand on-premises
    Row("ps-same-vnet", "unknown", "not an IP address", {f"{PS}.ip_address": "none"}, "web01"),
    Row("ps-azure-required", "unknown", "not an IP address", {f"{PS}.ip_address": ""}),
    # one is deployed, another one was chosen
    Row("ps-deploy-azure", "pass", "PS-AZ-01", ON_PREMISES),
    Row("ps-size-quota", "not-applicable", "PS-AZ-01", ON_PREMISES),
    Row(
        "ps-deploy-azure",
        "fail",
        "none of the registered",
        {**ON_PREMISES, "server.process_servers[PS-AZ-01]": GONE},
    ),
    Row(
        "ps-size-quota",
        "unknown",
        "standardAv2Family",
        {
            **ON_PREMISES,
            "server.process_servers[PS-AZ-01]": GONE,
            "azure.usages": (Usage("cores", azure_saw(0), azure_saw(100)),),
        },
    ),
    # a quota that is short is short, whatever the others are
    Row(
        "ps-size-quota",
        "warn",
        "cores: 4",
        {
            **ON_PREMISES,
            "server.process_servers[PS-AZ-01]": GONE,
            "azure.usages": (Usage("cores", azure_saw(96), azure_saw(100)),),
        },
    ),
    # figures that cannot be
    Row("ps-health", "unknown", "memory", {f"{PS}.memory_available": 17 * 1024**3}),
    Row("ps-health", "unknown", "no number", {f"{PS}.loads[cpu].figure": "-1%"}),
    Row("ps-health", "unknown", "no number", {f"{PS}.loads[cpu].figure": "nan"}),
    Row("ps-health", "warn", "80.4 %, more than 80 %", {f"{PS}.loads[cpu].figure": "80.4%"}),
    Row("ps-health", "fail", "24.8 % free", {f"{PS}.space_total": 1000, f"{PS}.space_available": 248}),
    Row("ps-low-latency", "pass", "one network", {"azure.vms[PS-AZ-01].location": "Japan East"}, "web01"),
]

PORTS = [
    Row("port-cs-azure-443", "fail", "Disconnected", {f"{PROVIDER}.connection_status": "Disconnected"}),
    Row("port-cs-azure-443", "unknown", "Resting", {f"{PROVIDER}.connection_status": "Resting"}),
    Row("port-cs-azure-443", "warn", "50 minutes", {f"{PROVIDER}.last_heartbeat": minutes_ago(50)}),
    Row("port-cs-vcenter-443", "unknown", "Resting", {f"{VCENTER}.discovery_status": "Resting"}),
    Row("port-cs-vcenter-443", "fail", "DiscoveryFailed", {f"{VCENTER}.discovery_status": "DiscoveryFailed"}),
    # a vCenter that has nothing to do with these machines
    Row("port-cs-vcenter-443", "pass", "vcenter01", {"server.vcenters": with_another_vcenter}),
    # a VM in a state nobody knows is not one that is off
    Row("port-azvm-cs-443", "unknown", "dreaming", {f"{AZURE_VM}.power_state": "dreaming"}, "web01 -> CS01 tcp/443"),
    Row("azvm-reach-ps", "unknown", "dreaming", {f"{AZURE_VM}.power_state": "dreaming"}, "web01"),
]

POLICY = [
    Row("failback-policy-associated", "unknown", "Resting", {"server.mappings[failback].health": "Resting"}),
    Row("failback-policy-associated", "warn", "Critical", {"server.mappings[failback].health": "Critical"}),
    Row(
        "failback-policy-associated",
        "pass",
        "health Normal",
        {"server.mappings": lambda known: (replace(known[1], name="older", health=azure_saw("Warning")), *known)},
    ),
    # a policy that nothing uses says nothing about the one that is used
    Row("failback-policy-values", "pass", "to-azure-failback", {"azure.policies": _other_policy}),
    Row(
        "failback-policy-values",
        "warn",
        "spare",
        {"azure.policies": _other_policy, "server.mappings[failback]": GONE},
    ),
]

ROWS = [*PROCESS_SERVER, *PORTS, *POLICY]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.sentence)
def test_what_is_odd_is_judged_for_what_it_is(row: Row) -> None:
    row.check()


def test_one_port_that_answers_is_enough_whatever_the_other_one_does() -> None:
    silent = ConnectivityProbe(vm_id("PS-AZ-01"), MT_ADDRESS, 9443).key
    heard = ConnectivityProbe(vm_id("PS-AZ-01"), MT_ADDRESS, 443).key
    answers = {silent: DENIED, heard: azure_saw(Connectivity(True, 4, ()))}
    Row("ps-reach-mt", "pass", "TCP 443", {"azure.probed.connectivity": lambda known: {**known, **answers}}).check()


def _two_process_servers_of_one_name() -> Case:
    return change_all(
        ready_case(),
        {
            "server.process_servers[CS01].name": "PS-AZ-01",
            "target.process_server": "ps-PS-AZ-01",
            "choices.targets": lambda known: (
                replace(known[0], machines=("web01",)),
                replace(known[0], master_target="CS01", process_server="ps-CS01", machines=("db01",)),
            ),
        },
    )


def test_a_word_for_one_of_two_process_servers_of_one_name_is_not_taken_for_the_other() -> None:
    case = _two_process_servers_of_one_name()
    names = {one.subject.id: one.subject.name for one in findings_of(case, "ps-reach-mt")}
    assert names == {"ps-PS-AZ-01": "PS-AZ-01 (ps-PS-AZ-01)", "ps-CS01": "PS-AZ-01 (ps-CS01)"}
    for word, counted in (("PS-AZ-01", set()), ("PS-AZ-01 (ps-CS01)", {"ps-CS01"})):
        vouched = replace(case, attestations=(Attestation("ps-reach-mt", word, "operator", minutes_ago(5)),))
        passed = {one.subject.id for one in findings_of(vouched, "ps-reach-mt") if one.status.value == "pass"}
        assert passed == counted


def test_a_word_for_one_of_two_machines_of_one_name_is_not_taken_for_the_other() -> None:
    case = change_all(
        ready_case(),
        {
            "azure.protected_items[db01].machine_name": "web01",
            "azure.protected_items[*].last_heartbeat": minutes_ago(40),
        },
    )
    vouched = replace(case, attestations=(Attestation("mobility-agent-present", "web01", "operator", minutes_ago(5)),))
    found = findings_of(vouched, "mobility-agent-present")
    assert [one.status.value for one in found] == ["attest", "attest"]
    assert len({one.subject.name for one in found}) == len(found)


def test_what_follows_is_told_from_its_root_in_an_empty_batch_too() -> None:
    nobody = {"azure.protected_items": (), f"{PROVIDER}.connection_status": "Disconnected"}
    report = report_of(change_all(ready_case(), nobody))
    found = {one.requirement.id: one for one in report.findings}
    assert found["port-cs-azure-443"].caused_by == "cs-connected-azure"


def test_of_several_vms_with_its_address_the_one_of_its_name_is_the_process_server() -> None:
    twin = {"azure.network_interfaces[db01-nic].addresses": (("10.1.0.10", SUBNET),)}
    Row("ps-azure-required", "pass", "PS-AZ-01 is the Azure VM PS-AZ-01", twin).check()
    Row(
        "ps-azure-required", "unknown", "2 Azure VMs", {**twin, f"{PS}.name": "PS-9", "target.process_server": "PS-9"}
    ).check()


def _known_by_numbers(known: tuple[VCenterRecord, ...]) -> tuple[VCenterRecord, ...]:
    mine = replace(known[0], name=Outside("first"), address=seen("10.20.0.5"))
    return (mine, replace(mine, name=Outside("second"), address=seen("10.30.0.5"), infrastructure_id=seen("other")))


def test_a_machine_that_may_stand_in_another_vcenter_does_not_count_as_gone() -> None:
    gone: dict[str, object] = {"vcenter.machines[web01]": GONE}
    other = {"server.vcenters": _known_by_numbers, f"{ITEM}.vcenter_infrastructure_id": "other"}
    Row("onprem-vm-off", "not-applicable", "gone", gone, "web01").check()
    Row("onprem-vm-off", "unknown", "may stand in second", {**gone, **other}, "web01").check()
    Row("onprem-vm-off", "unknown", "denied", {**gone, "server.vcenters": DENIED}, "web01").check()
    Row("onprem-vm-off", "unknown", "denied", {**gone, f"{ITEM}.vcenter_infrastructure_id": DENIED}, "web01").check()
    # db01 of the same vCenter is here, so this is it
    Row("onprem-vm-off", "not-applicable", "gone", {**gone, "server.vcenters": _known_by_numbers}, "web01").check()
