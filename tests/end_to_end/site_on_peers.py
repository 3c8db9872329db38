"""The rehearsal site's description on two real peers: govmomi's simulator and the Azure simulator, both over TLS.

One description serves the rehearsal and these tests. govmomi makes its own hosts, datastores and machines; every
property the description states is then set on them, with references led over to govmomi's objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pyVmomi.VmomiSupport import DataObject, ManagedObject

from failback.rehearsal import description
from failback.rehearsal.faults import FAULTS
from failback.rehearsal.on_premises import CLUSTER, POD
from failback.rehearsal.site import Site
from tests.peers.arm_tls import ArmPeer
from tests.peers.certificates import Authority
from tests.peers.vcenter_simulator import PASSWORD, USERNAME, VCenterSimulator, require_simulator

KINDS = ("HostSystem", "Datastore", "VirtualMachine")
FLAGS = ("-dc", "1", "-cluster", "1", "-host", "3", "-standalone-host", "0", "-ds", "5", "-pod", "1")


@dataclass
class Peers:
    """Both peers with the site on them, and what a profile needs to reach them."""

    site: Site
    vcenter: VCenterSimulator
    azure: ArmPeer
    environment: Mapping[str, str]
    refs: Mapping[str, str]  # managed object id in the description -> at govmomi

    def write_profile(self, path: Path, **changes: str) -> Path:
        """Write a profile that reaches both peers; `changes` replace `{name}` places in the text."""
        text = _PROFILE.format(
            port=self.vcenter.port,
            username=changes.get("username", USERNAME),
            sha256=changes.get("sha256", self.vcenter.certificate.sha256 if self.vcenter.certificate else ""),
            azure=self.azure.profile_lines(changes.get("subscription", description.SUBSCRIPTION)),
            group=description.RESOURCE_GROUP,
            vault=changes.get("vault", description.VAULT),
            account=description.ACCOUNT,
            machines=changes.get("machines", "[]"),
            extra=changes.get("extra", ""),
        )
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path


_PROFILE = """\
schema_version = 1
name = "osaka-dr"
{extra}
[vcenter]
host = "127.0.0.1"
port = {port}
username = "{username}"
certificate_sha256 = "{sha256}"

{azure}
[vault]
resource_group = "{group}"
name = "{vault}"

[site]
site_recovery_vcenter_user = "{account}"
link_mbps = 1000
configuration_server_failback_ip = "10.20.0.10"

[secrets]
store = "environment"

[choices]
machines = {machines}

[[choices.target]]
master_target = "MT01"
process_server = "PS-AZ-01"
retention_volume = "R"
esxi_host = "esx01.osaka.example.com"
machines = ["web01", "web02", "app01", "app02", "sql01", "file01", "print01", "hr-phys01"]

[[choices.target]]
master_target = "MT02"
process_server = "PS-AZ-01"
retention_volume = "/mnt/retention"
esxi_host = "esx02.osaka.example.com"
machines = ["lnx-web01", "lnx-web02", "lnx-db01", "lnx-mq01"]

[[choices.location]]
machine = "print01"
mode = "alternate"
datastore = "vmfs-03"

[[choices.location]]
machine = "hr-phys01"
mode = "alternate"
datastore = "vmfs-03"
"""


@contextmanager
def peers(folder: Path, *faulty: str) -> Iterator[Peers]:
    """Start both peers with the site on them; `faulty` names the requirements that are broken there."""
    require_simulator()
    site = Site(tuple(one for one in FAULTS if one.requirement in faulty), speed=1, start=datetime.now(timezone.utc))
    site.arm.edit(f"{description.fabric_id()}/replicationvCenters/osaka-vcenter", _on_loopback)
    machines = sum(1 for _ref in site.store.of_kind(_kind("VirtualMachine")))
    certificate = Authority(folder / "vcenter").self_signed("vcenter")
    flags = (*FLAGS, "-vm", str(machines))
    with VCenterSimulator(folder, certificate=certificate, flags=flags) as vcenter, ArmPeer(site.arm, folder) as azure:
        refs = _put(site, vcenter)
        environment = {"FAILBACK_VCENTER_PASSWORD": PASSWORD, "FAILBACK_AZURE_CLIENT_SECRET": azure.secret}
        vcenter.forget_calls()
        site.arm.requests.clear()
        yield Peers(site, vcenter, azure, environment, refs)


def _on_loopback(record: dict[str, Any]) -> None:
    record["properties"]["ipAddress"] = "127.0.0.1"


def _kind(name: str) -> Any:
    from failback.rehearsal.vcenter_store import managed_type

    return managed_type(name)


def _put(site: Site, vcenter: VCenterSimulator) -> dict[str, str]:
    """Set everything the site's store says on govmomi's own objects; return how references were led over."""
    refs = {CLUSTER: _only(vcenter, "ClusterComputeResource"), POD: _only(vcenter, "StoragePod")}
    for kind in KINDS:
        refs.update(zip(site.store.of_kind(_kind(kind)), sorted(vcenter.refs(kind).values()), strict=True))
    for ref, theirs in refs.items():
        kind = site.store.kind_of(ref).__name__.rpartition(".")[2]
        values = {path: _led_over(value, refs) for path, value in _stated(site, ref).items()}
        if kind == "VirtualMachine":
            values["layoutEx.file"] = []  # govmomi's own files lie on datastores that have other names now
        vcenter.set(theirs, kind, values)
    return refs


def _only(vcenter: VCenterSimulator, kind: str) -> str:
    (ref,) = vcenter.refs(kind).values()
    return ref


def _stated(site: Site, ref: str) -> dict[str, Any]:
    """Return the properties that the site's store has for an object, as they are now."""
    paths = [
        "".join(step if step.startswith("[") else f".{step}" for step in steps)[1:]
        for steps in site.store._objects[ref].values
    ]
    return {path: site.store.get(ref, path, site.clock.now()) for path in paths}


def _led_over(value: Any, refs: Mapping[str, str]) -> Any:
    """Return the value with every reference to one of the site's objects replaced by govmomi's."""
    if isinstance(value, ManagedObject):
        return type(value)(refs.get(value._GetMoId(), value._GetMoId()))
    if isinstance(value, list):
        return type(value)([_led_over(one, refs) for one in value])
    if isinstance(value, DataObject):
        copy = type(value)()
        for one in value._GetPropertyList():
            held = getattr(value, one.name)
            if held is not None and not (isinstance(held, list) and not held):
                setattr(copy, one.name, _led_over(held, refs))
        return copy
    return value
