"""The request that reprotects a machine (recipe R13): made from what was seen and chosen, shown, exported, submitted.

    request = reprotect_request(case, machine)      # raises NotSeen or CannotChange with the reason
    request.to_json()                               # path, body, notes: what `failback plan` and the screens show
    request.az_rest()                               # one line for the Azure CLI

Every field is checked here: the service's library checks none. Ids only; no password is in it.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from failback.changes.remedy import CannotChange
from wizard_steps.case import Case, Machine, Target, same_id, volume_key
from wizard_steps.classic.homecoming import ORIGINAL, original_vm
from wizard_steps.classic.step_06_failback_policy import failback_policies
from wizard_steps.classic.storage import is_listed
from wizard_steps.classic.vcenter_record import record_of
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, seen
from wizard_steps.seen_in_azure import MasterTarget
from wizard_steps.seen_in_vcenter import Datastore
from wizard_steps.subjects import chosen_datastore
from wizard_steps.wording import _

API_VERSION: Final = "2025-08-01"
TEMPORARY_DISK: Final = "Temporary Storage"
"""The label of an Azure VM's temporary disk, as Azure PowerShell writes it; it must never come home."""
_ALLOWED: Final = frozenset({"reversereplicate", "switchprotection"})


@dataclass(frozen=True)
class ReprotectRequest:
    """One machine's request. `notes` are translated sentences for whoever sends it by hand."""

    machine: str
    item_id: str
    body: Mapping[str, Any]
    notes: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where it is posted, below the Resource Manager's address."""
        return f"{self.item_id}/reProtect"

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "machine": self.machine,
            "method": "POST",
            "path": self.path,
            "apiVersion": API_VERSION,
            "body": dict(self.body),
            "azRest": self.az_rest(),
            "notes": list(self.notes),
        }

    def az_rest(self) -> str:
        """Return the line that sends it with the Azure CLI, quoted for a POSIX shell."""
        return az_rest(self.path, self.body)


def az_rest(path: str, body: Mapping[str, Any]) -> str:
    """Return the line that posts `body` with the Azure CLI, quoted for a POSIX shell."""
    words = ("az", "rest", "--method", "post", "--uri", f"{path}?api-version={API_VERSION}")
    return " ".join(
        [*(shlex.quote(one) for one in words), "--body", shlex.quote(json.dumps(body, separators=(",", ":")))]
    )


def reprotect_request(case: Case, machine: Machine) -> ReprotectRequest:
    """Return a machine's request; raises `NotSeen` or `CannotChange` where a field has no value that holds.

    Whether the machine is ready is not asked here: a request may be looked at long before it is sent.
    """
    _refuse_not_allowed(machine)
    target = machine.target.value
    registered = target.registered.value
    details: dict[str, Any] = {
        "instanceType": "InMage",
        "masterTargetId": registered.id,
        "processServerId": target.process_server.value.id,
        "retentionDrive": _retention_drive(target, registered),
        "profileId": _failback_policy(case, machine),
        "diskExclusionInput": {"volumeOptions": [{"volumeLabel": TEMPORARY_DISK, "onlyExcludeIfSingleVolume": "Yes"}]},
    }
    account, datastore = _account(case), _datastore(case, machine, registered)
    if account is not None:
        details["runAsAccountId"] = account
    if datastore is not None:
        details["datastoreName"] = datastore
    body = {"properties": {"failoverDirection": "RecoveryToPrimary", "providerSpecificDetails": details}}
    return ReprotectRequest(machine.name, machine.item.id, body, _notes(case, machine))


def group_of(case: Case, machine: Machine) -> tuple[str, ...]:
    """Return the raw names of all members of a machine's consistency group; empty for a machine of its own."""
    group = machine.item.consistency_group_id.value
    if not group:
        return ()
    members = [one for one in case.azure.protected_items.value if one.consistency_group_id.value == group]
    return tuple(one.machine_name.raw for one in members) if len(members) > 1 else ()


def _refuse_not_allowed(machine: Machine) -> None:
    if machine.is_reprotected.value:
        raise CannotChange(_("it is reprotected already"))
    if machine.is_modernized.value:
        raise CannotChange(_("it is replicated by the modernized architecture, which this request is not for"))
    allowed = machine.item.allowed_operations.value
    if not _ALLOWED & {one.casefold() for one in allowed}:
        raise CannotChange(
            _("site recovery does not offer to reprotect it now; it offers {words}").format(
                words=", ".join(Outside(one).shown() for one in allowed) or _("nothing")
            )
        )


def _retention_drive(target: Target, registered: MasterTarget) -> str:
    """Return the volume's name just as site recovery lists it."""
    chosen = target.choice.retention_volume
    if chosen is None:
        raise NotSeen(_("no retention volume chosen"))
    for volume in registered.retention_volumes.value:
        if volume_key(volume.name.raw) == volume_key(chosen):
            return volume.name.raw
    raise CannotChange(
        _("site recovery lists no retention volume {name} on {target}").format(
            name=Outside(chosen).shown(), target=Outside(target.name).shown()
        )
    )


def _failback_policy(case: Case, machine: Machine) -> str:
    """Return the policy of a paired mapping of the machine's container onto itself: any other is the wrong way."""
    container = machine.item.container_id
    policies = failback_policies(case)
    for mapping in case.server.value.mappings.value:
        home = same_id(mapping.container_id, container) and same_id(mapping.target_container_id.value, container)
        policy = next((one for one in policies if same_id(one.id, mapping.policy_id.value)), None)
        if home and policy is not None and mapping.state.value.casefold() == "paired":
            return policy.id
    raise CannotChange(_("no failback policy is associated with the machine's protection container"))


def _account(case: Case) -> str | None:
    record = record_of(case)
    return None if record is None else record.run_as_account_id.value


def _datastore(case: Case, machine: Machine, registered: MasterTarget) -> str | None:
    """Return the datastore by the name under which site recovery lists it; None: the original place needs none."""
    original = machine.location.value == ORIGINAL
    wanted = None if original and machine.choice.datastore is None else chosen_datastore(machine)
    if wanted is None:
        wanted = _first_of(case, machine)
    for one in registered.datastores.value:
        if is_listed(replace(registered, datastores=seen((one,))), wanted):
            return one.name.raw
    if original:
        return None
    raise CannotChange(
        _("site recovery does not list the datastore {name} for the master target").format(name=wanted.name.shown())
    )


def _first_of(case: Case, machine: Machine) -> Datastore:
    """Return the datastore of the first disk of the machine's own VM."""
    refs = [disk.datastore_ref for disk in original_vm(machine).disks.value if disk.datastore_ref is not None]
    if not refs:
        raise NotSeen(_("vCenter does not say on which datastore its disks lie"))
    return case.datastore(refs[0]).value


def _notes(case: Case, machine: Machine) -> tuple[str, ...]:
    notes = [_("Azure's temporary disk is always left out: it never was on-premises.")]
    members = group_of(case, machine)
    if members:
        notes.append(
            _(
                "It belongs to a consistency group: send the requests of all its members, {names}, one after the "
                "other; a recovery plan cannot reprotect these machines."
            ).format(names=", ".join(Outside(one).shown() for one in members))
        )
    if machine.location.value == ORIGINAL:
        notes.append(_("It comes home into the disks of its own VM; the datastore named is not used then."))
    return tuple(notes)
