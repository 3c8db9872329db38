"""Move machines that replicate home to the process server chosen for them (recipe R10).

A machine that is not reprotected yet has nothing to move: its reprotect request names the process server. Then another
one is chosen with the master target, and this says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from failback.changes.change import Call, Change, ChangeTarget, State
from failback.changes.on_azure import SITE_RECOVERY, last_part, request, server_in_use, server_of
from failback.changes.on_vcenter import named
from failback.changes.remedy import AZURE, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case, Machine, same_id
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_azure import ConfigurationServer
from wizard_steps.wording import _


class SwitchProcessServer(Remedy):
    """POST reassociateGateway, one call for every container and process server to leave."""

    id = "switch-process-server"
    weight = Weight.DISRUPTIVE
    reads = AZURE

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the configuration server in use: it moves the machines."""
        return server_in_use(case)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Move every reprotected machine to where it should be, or back to where it was."""
        server = server_of(case, target)
        machines = {one.item.id: one for one in case.chosen_machines.value}
        wished = _wished(machines.values()) if wanted is None else dict(wanted)
        before = {item: _at(machines, item) for item in wished}
        moving = {item: there for item, there in wished.items() if before[item] != there}
        if not moving:
            raise CannotChange(_("the machines are at the wanted process server already"))
        calls = _calls(server, machines, before, moving)
        return Shape(
            title=_("Move {count} machines of {name} to another process server").format(
                count=len(moving), name=named(target)
            ),
            before=before,
            after=wished,
            calls=calls,
            rests_on={"process servers": sorted(one.id for one in server.process_servers.value)},
            disturbs=_(
                "replication of these machines pauses, and goes on through the other process server within 15 minutes. "
                "Azure does not guard this call"
            ),
            reversible=True,
            undo=_("the machines are moved back to the process server they came from"),
            privileges=(f"{SITE_RECOVERY}/replicationFabrics/reassociateGateway/action",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look which process server each machine is at."""
        machines = {one.item.id: one for one in case.chosen_machines.value}
        if any(_at(machines, item) != there for item, there in change.after.items()):
            return Verification(False, _("not every machine is at the wanted process server yet: refresh, look again"))
        return Verification(True, _("the machines are at the wanted process server"))


def _wished(machines: Iterable[Machine]) -> dict[str, str]:
    home = [one for one in machines if one.is_reprotected.value]
    if not home:
        raise CannotChange(
            _(
                "no chosen machine is reprotected yet: the reprotect request names the process server, so choose "
                "another one with the master target"
            )
        )
    return {one.item.id: _chosen(one) for one in home}


def _chosen(machine: Machine) -> str:
    """Return the process server chosen with the master target that the machine comes home through."""
    target = machine.target.value
    return target.process_server.value.id


def _at(machines: dict[str, Machine], item: str) -> str | None:
    machine = next((one for key, one in machines.items() if same_id(key, item)), None)
    if machine is None:
        raise CannotChange(_("a machine of it is no longer among the chosen ones"))
    return machine.item.process_server_id.value


def _calls(
    server: ConfigurationServer, machines: dict[str, Machine], before: dict[str, str | None], moving: dict[str, str]
) -> tuple[Call, ...]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    for item, there in moving.items():
        source = before[item]
        if source is None:
            raise CannotChange(_("site recovery does not say which process server a machine is at"))
        groups.setdefault((machines[item].item.container_id, source, there), []).append(last_part(item))
    return tuple(
        request(
            "POST",
            f"{server.id}/reassociateGateway",
            {
                "properties": {
                    "containerName": last_part(container),
                    "sourceProcessServerId": source,
                    "targetProcessServerId": there,
                    "vmsToMigrate": items,
                    "updateType": "ServerLevel",
                }
            },
        )
        for (container, source, there), items in groups.items()
    )
