"""Register the profile's vCenter with the configuration server, so that site recovery discovers its hosts."""

from __future__ import annotations

from typing import Any

from failback.changes.change import Change, ChangeTarget, State
from failback.changes.on_azure import SITE_RECOVERY, request
from failback.changes.remedy import AZURE, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case, same_id
from wizard_steps.outside import Outside, visible
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_azure import ConfigurationServer, RunAsAccount, VCenterRecord
from wizard_steps.wording import _

RECORD = "record"
_PORT = "443"


class AddVCenterRecord(Remedy):
    """PUT of a record; DELETE takes it back as long as no machine belongs to it."""

    id = "add-vcenter-record"
    weight = Weight.HARMLESS
    reads = AZURE

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the record to be, below the configuration server in use."""
        server = case.server.value
        name = case.vcenter.host.replace(".", "-")
        return ChangeTarget("vcenter", case.vcenter.host, "azure", f"{server.id}/replicationvCenters/{name}")

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Add the record where there is none, or take away the one that was added."""
        server = case.server.value
        now = _as_it_is(server, target)
        then: dict[str, Any] | None = _wished(case, server, target) if wanted is None else wanted[RECORD]
        if now == then:
            raise CannotChange(_("the record is already as wanted"))
        if now is not None and then is not None:
            raise CannotChange(_("the vault knows this vCenter already: mend its record in the portal"))
        if then is None:
            _refuse_in_use(case, _record(server, target))
            title, verb, call = _("Take the vCenter {name} out of the vault"), "delete", request("DELETE", target.ref)
        else:
            body = {"properties": {"friendlyName": target.name, **then}}
            title, verb, call = _("Register the vCenter {name}"), "write", request("PUT", target.ref, body)
        return Shape(
            title=title.format(name=visible(target.name)),
            before={RECORD: now},
            after={RECORD: then},
            calls=(call,),
            rests_on={
                "records": sorted(one.id.casefold() for one in server.vcenters.value),
                "accounts": sorted(one.id for one in server.run_as_accounts.value),
            },
            disturbs=_(
                "nothing; discovery runs on the configuration server for up to 15 minutes. Azure does not guard this "
                "call: a record of this name that somebody adds in the seconds after the last reading makes it fail"
            ),
            reversible=True,
            undo=_("the record is taken away again, as long as no machine belongs to it"),
            privileges=(f"{SITE_RECOVERY}/replicationFabrics/replicationvCenters/{verb}",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look for the record."""
        now = _as_it_is(case.server.value, change.target)
        if now != change.after[RECORD]:
            return Verification(False, _("read again, the record is not as planned"))
        if now is None:
            return Verification(True, _("the vault no longer has the record"))
        return Verification(True, _("the vault has the record; what it discovers shows up to 15 minutes later"))


def _wished(case: Case, server: ConfigurationServer, target: ChangeTarget) -> dict[str, Any]:
    for one in server.vcenters.value:
        if one.address.value.casefold() == target.name.casefold():
            raise CannotChange(_("the vault knows this vCenter already: mend its record in the portal"))
    built_in = [one for one in server.process_servers.value if one.ip_address.value == server.ip_address.value]
    if len(built_in) != 1:
        raise CannotChange(_("the process server of the configuration server itself could not be told"))
    return {
        "ipAddress": target.name,
        "port": _PORT,
        "runAsAccountId": _account(case, server).id,
        "processServerId": built_in[0].id,
    }


def _account(case: Case, server: ConfigurationServer) -> RunAsAccount:
    """Return the account whose label is the chosen user's name, else the only one; which it is cannot be guessed."""
    accounts = server.run_as_accounts.value
    user = case.choices.site_recovery_vcenter_user
    labelled = [one for one in accounts if user and one.name.same_name(user)]
    if len(labelled) == 1 or len(accounts) == 1:
        return labelled[0] if labelled else accounts[0]
    if not accounts:
        raise CannotChange(
            _("the configuration server keeps no account: add one there with cspsconfigtool, then look again")
        )
    raise CannotChange(
        _(
            "the configuration server keeps {count} accounts ({names}), and which is for the vCenter is not known: "
            "label one with the name under site_recovery_vcenter_user, or add the vCenter in the portal"
        ).format(count=len(accounts), names=", ".join(one.name.shown() for one in accounts))
    )


def _record(server: ConfigurationServer, target: ChangeTarget) -> VCenterRecord | None:
    return next((one for one in server.vcenters.value if same_id(one.id, target.ref)), None)


def _as_it_is(server: ConfigurationServer, target: ChangeTarget) -> dict[str, Any] | None:
    record = _record(server, target)
    if record is None:
        return None
    built_in = [one.id for one in server.process_servers.value if one.ip_address.value == server.ip_address.value]
    return {
        "ipAddress": record.address.value,
        "port": str(record.port.value),
        "runAsAccountId": record.run_as_account_id.value,
        "processServerId": built_in[0] if built_in else None,
    }


def _refuse_in_use(case: Case, record: VCenterRecord | None) -> None:
    """Raise `CannotChange` when a machine was discovered through the record."""
    its = record.infrastructure_id.value if record is not None else ""
    for item in case.azure.protected_items.value:
        if its and (item.vcenter_infrastructure_id.value or "").casefold() == its.casefold():
            raise CannotChange(_("{name} belongs to it").format(name=Outside(item.machine_name.raw).shown()))
