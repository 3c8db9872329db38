"""The ports of reprotection and failback, as data: who talks to whom, on which port, who says so, and how surely.

The document shows them only in a picture. A port that is stated in text may fail a requirement; an inferred one may
not. 902, 5986 and 44368 stand in no text about failback of the classic architecture, so they are not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from wizard_steps.case import Case, Machine, Target, read
from wizard_steps.classic.process_servers import process_server_of
from wizard_steps.classic.vcenter_record import record_of
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading
from wizard_steps.requirement import Subject
from wizard_steps.seen_in_azure import ProcessServer, VCenterRecord
from wizard_steps.subjects import ServerInUse, batch_names, names, process_servers_in_use

T = TypeVar("T")


@dataclass(frozen=True)
class Port:
    """A row of the table. `confidence` is text (a page states the number) or inferred (a page implies it)."""

    source: str
    destination: str
    number: int  # the usual one; the profile and vCenter's registration may name another
    stated_by: str
    confidence: str


PORTS = {
    "port-azvm-cs-443": Port("machine", "configuration-server", 443, "reprotect page; CS troubleshooting", "text"),
    "port-azvm-ps-9443": Port("machine", "process-server", 9443, "reprotect page; PS pages", "text"),
    "port-ps-cs-443": Port("process-server", "configuration-server", 443, "PS-in-Azure page; reprotect page", "text"),
    "port-ps-mt-data": Port("process-server", "master-target", 9443, "'must communicate' only", "inferred"),
    "port-mt-cs": Port("master-target", "configuration-server", 443, "'must communicate' only", "inferred"),
    "port-cs-azure-443": Port("configuration-server", "azure", 443, "CS requirements", "text"),
    "port-cs-vcenter-443": Port("configuration-server", "vcenter", 443, "manage-vCenter page", "text"),
}


@dataclass(frozen=True)
class Flow(Generic[T]):
    """A row of the table between two named ends; `about` is what the rule looks at to judge it."""

    port: Port
    number: int
    source: str
    destination: str
    about: T

    @property
    def name(self) -> str:
        """The flow as reports call it: `web01 -> PS-AZ-01 tcp/9443`."""
        return f"{self.source} -> {self.destination} tcp/{self.number}"

    @property
    def is_inferred(self) -> bool:
        """Whether no text states the port: then it cannot fail a requirement."""
        return self.port.confidence != "text"


def shown(flow: Flow[Any]) -> Outside:
    """Return a flow's name for a person: both ends carry text from outside."""
    return Outside(flow.name)


def _subject(flow: Flow[Any], machines: tuple[str, ...]) -> Subject:
    return Subject("port", flow.name, flow.name, machines, flow)


def machine_to_configuration_server(case: Case) -> Reading[tuple[Subject, ...]]:
    """Return a flow from every machine of the batch to the configuration server."""
    port = PORTS["port-azvm-cs-443"]

    def flow(machine: Machine) -> Subject:
        return _subject(Flow(port, port.number, machine.name, case.server.value.name.raw, machine), (machine.name,))

    return read(lambda: tuple(flow(one) for one in case.machines.value))


def machine_to_process_server(case: Case) -> Reading[tuple[Subject, ...]]:
    """Return a flow from every machine of the batch to the process server it goes through."""
    port, number = PORTS["port-azvm-ps-9443"], case.limits.process_server_port

    def flow(machine: Machine) -> Subject:
        server = process_server_of(machine)
        return _subject(Flow(port, number, machine.name, server.name.raw, (machine, server)), (machine.name,))

    return read(lambda: tuple(flow(one) for one in case.machines.value))


def process_server_to_configuration_server(case: Case) -> Reading[tuple[Subject, ...]]:
    """Return a flow from every process server in use to the configuration server."""
    port = PORTS["port-ps-cs-443"]

    def flow(one: ServerInUse) -> Subject:
        machines = tuple(name for target in one.targets for name in names(target.machines))
        server = one.server
        return _subject(Flow(port, port.number, server.name.raw, case.server.value.name.raw, server), machines)

    return read(lambda: tuple(flow(one) for one in process_servers_in_use(case).value))


def process_server_to_master_target(case: Case) -> Reading[tuple[Subject, ...]]:
    """Return a flow from every process server in use to each master target it was chosen with."""
    port, number = PORTS["port-ps-mt-data"], case.limits.process_server_port

    def flow(server: ProcessServer, target: Target) -> Subject:
        return _subject(Flow(port, number, server.name.raw, target.name, (server, target)), names(target.machines))

    return read(
        lambda: tuple(flow(one.server, target) for one in process_servers_in_use(case).value for target in one.targets)
    )


def master_target_to_configuration_server(case: Case) -> Reading[tuple[Subject, ...]]:
    """Return a flow from every master target in use to the configuration server."""
    port = PORTS["port-mt-cs"]

    def flow(target: Target) -> Subject:
        server = case.server.value
        return _subject(Flow(port, port.number, target.name, server.name.raw, target), names(target.machines))

    return read(lambda: tuple(flow(one) for one in case.targets.value))


def configuration_server_to_azure(case: Case) -> Reading[tuple[Subject, ...]]:
    """Return the flow from the configuration server to Azure's own endpoints."""
    port = PORTS["port-cs-azure-443"]
    return case.server.map(
        lambda server: (_subject(Flow(port, port.number, server.name.raw, "Azure", server), batch_names(case)),)
    )


def configuration_server_to_vcenter(case: Case) -> Reading[tuple[Subject, ...]]:
    """Return the flow to this vCenter, by its registration in the vault; to a nameless one where there is none at all.

    Other vCenters that the configuration server knows carry none of these machines.
    """
    port = PORTS["port-cs-vcenter-443"]

    def flow(record: VCenterRecord | None) -> Subject:
        name = case.server.value.name.raw
        if record is None:
            return _subject(Flow(port, port.number, name, "vCenter", None), batch_names(case))
        return _subject(Flow(port, record.port.value, name, record.name.raw, record), batch_names(case))

    return read(lambda: (flow(record_of(case)),))
