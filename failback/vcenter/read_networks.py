"""Networks that machines can be connected to, and datacenters with what lies in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pyVmomi import vim

from failback.errors import NotReachedError
from failback.vcenter.properties import Answer, Collector
from failback.vcenter.read_hardware import id_of, ids_of
from wizard_steps.outside import Outside, visible
from wizard_steps.seen_around_machines import DISTRIBUTED, OPAQUE, STANDARD, UPLINK, Datacenter, Network
from wizard_steps.wording import _

_SWITCH: Final = "config.distributedVirtualSwitch"
_UPLINKS: Final = "config.uplinkPortgroup"
_UPLINK_TAG: Final = "SYSTEM/DVS.UPLINKPG"
"""vCenter puts it on the port groups of a switch's own uplinks; older ones say it at the switch as well."""


def read_networks(collector: Collector, _at: datetime) -> tuple[Network, ...]:
    """Read every network. One whose kind vCenter would not tell counts as opaque: nothing is connected to it."""
    # `summary` whole: only its class tells an opaque network from others, which have the same properties.
    answers = collector.of_all(vim.Network, ("name", "host", "summary"))
    groups = {one.ref: one for one in collector.of_all(vim.dvs.DistributedVirtualPortgroup, ("key", "tag", _SWITCH))}
    switches = _switches(collector, groups)
    return tuple(_network(answer, groups.get(answer.ref), switches) for answer in answers)


def _switches(collector: Collector, groups: Mapping[str, Answer]) -> Mapping[str, Answer]:
    refs = dict.fromkeys(id_of(one.values[_SWITCH]) for one in groups.values() if one.values.get(_SWITCH) is not None)
    if not refs:
        return {}
    found = collector.of_these(vim.DistributedVirtualSwitch, refs, ("uuid", _UPLINKS))
    return {one.ref: one for one in found}


def _network(answer: Answer, group: Answer | None, switches: Mapping[str, Answer]) -> Network:
    name = Outside(str(answer.values.get("name") or answer.ref))
    hosts = _refs(answer, "host")
    if group is None:
        return Network(answer.ref, name, _kind(answer.values.get("summary")), hosts)
    switch_ref, key = group.values.get(_SWITCH), group.values.get("key")
    switch = None if switch_ref is None else switches.get(id_of(switch_ref))
    uuid = None if switch is None else switch.values.get("uuid")
    if switch is None or uuid is None or key is None:
        return Network(answer.ref, name, OPAQUE, hosts)
    kind = UPLINK if _is_uplink(group, switch) else DISTRIBUTED
    return Network(answer.ref, name, kind, hosts, str(uuid), str(key))


def _is_uplink(group: Answer, switch: Answer) -> bool:
    """Tell whether a port group is for the uplinks of its switch: by the switch, or by its own tag."""
    tags = group.values.get("tag") or ()
    return group.ref in ids_of(switch.values.get(_UPLINKS) or ()) or any(one.key == _UPLINK_TAG for one in tags)


def _refs(answer: Answer, path: str) -> tuple[str, ...]:
    """Return references, none where there are none; raises `NotReachedError` where vCenter would not tell.

    A network whose hosts are not known could be the one that is looked for, so the list is whole or was not read.
    """
    if path in answer.missing:
        name = visible(str(answer.values.get("name") or answer.ref))
        raise NotReachedError(name, answer.missing[path], _("look again with an account that may read it"))
    return ids_of(answer.values.get(path) or ())


def _kind(summary: Any) -> str:
    return OPAQUE if summary is None or isinstance(summary, vim.OpaqueNetwork.Summary) else STANDARD


def read_datacenters(collector: Collector, _at: datetime) -> tuple[Datacenter, ...]:
    """Read every datacenter, with the datastores in it: by these a machine's own is known."""
    return tuple(
        Datacenter(
            answer.ref,
            Outside(str(answer.values.get("name") or answer.ref)),
            _refs(answer, "datastore"),
        )
        for answer in collector.of_all(vim.Datacenter, ("name", "datastore"))
    )
