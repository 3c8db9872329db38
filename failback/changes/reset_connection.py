"""Reset the site-to-site connection that is not up: Azure builds its tunnel anew; what it carries stops meanwhile."""

from __future__ import annotations

from failback.changes.change import Change, ChangeTarget, State
from failback.changes.on_azure import request
from failback.changes.on_vcenter import named
from failback.changes.remedy import AZURE, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case, same_id
from wizard_steps.outside import visible
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_azure import Connection
from wizard_steps.wording import _

STATUS = "status"
CONNECTED = "Connected"


class ResetConnection(Remedy):
    """POST resetconnection for the one connection by VPN that is not connected."""

    id = "reset-connection"
    weight = Weight.IRREVERSIBLE
    reads = AZURE

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the connection to reset: there must be one, and one only, that is down."""
        down = [one for one in _connections(case) if _is_vpn(one) and one.status.value.casefold() != "connected"]
        if not down:
            raise CannotChange(_("no VPN connection is down, so there is none to reset"))
        if len(down) > 1:
            raise CannotChange(
                _("{count} VPN connections are down: reset the one that leads to the site in the portal").format(
                    count=len(down)
                )
            )
        return ChangeTarget("connection", down[0].name.raw, "azure", down[0].id)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Reset what is not connected."""
        connection = _connection(case, target)
        status = connection.status.value
        if status.casefold() == "connected":
            raise CannotChange(_("the connection is up"))
        return Shape(
            title=_("Reset the connection {name}").format(name=named(target)),
            before={STATUS: status},
            after={STATUS: CONNECTED},
            calls=(request("POST", f"{connection.id}/resetconnection"),),
            rests_on={STATUS: status, "kind": connection.kind.value},
            disturbs=_(
                "the tunnel drops and is built anew: for a minute or more nothing passes between the site and Azure "
                "over it, for anybody. Azure does not guard this call: a tunnel that came up by itself in the seconds "
                "after the last reading drops, too"
            ),
            reversible=False,
            undo=_("a tunnel that was reset comes back by itself; there is nothing to take back"),
            privileges=("Microsoft.Network/connections/resetconnection/action",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look whether the connection is up."""
        status = _connection(case, change.target).status.value
        return Verification(
            status.casefold() == "connected", _("the connection is {status}").format(status=visible(status))
        )


def _connections(case: Case) -> tuple[Connection, ...]:
    return tuple(one for gateway in case.azure.gateways.value for one in gateway.connections.value)


def _is_vpn(connection: Connection) -> bool:
    return connection.kind.value.casefold() == "ipsec"


def _connection(case: Case, target: ChangeTarget) -> Connection:
    for one in _connections(case):
        if same_id(one.id, target.ref):
            return one
    raise CannotChange(_("Azure no longer has this connection"))
