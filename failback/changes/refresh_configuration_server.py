"""Refresh the configuration server: Azure asks it to report everything anew ("Refresh server" in the portal).

It shows up as a job in the vault. Nothing is changed on either side, so there is nothing to undo; still it is sent at
most once a minute, and when it was sent is remembered: the rules count their 15 minutes from then.
"""

from __future__ import annotations

from datetime import timedelta

from failback.changes.change import Call, Change, ChangeTarget, State
from failback.changes.on_vcenter import named
from failback.changes.remedy import AZURE, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_azure import ConfigurationServer, Provider, same_id
from wizard_steps.wording import _

AT_MOST_EVERY = timedelta(minutes=1)
REFRESH_PATH = "/refreshProvider"
_LAST = "last refresh by this program"


class RefreshConfigurationServer(Remedy):
    """POST refreshProvider for the provider of the configuration server in use; one call for each provider."""

    id = "refresh-configuration-server"
    weight = Weight.HARMLESS
    reads = AZURE
    proves = False

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the configuration server in use, whatever the finding speaks of."""
        server = case.server.value
        return ChangeTarget("configuration-server", server.name.raw, "azure", server.id)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Ask every provider of the server; raises `CannotChange` within a minute of the last time."""
        server = _server(case, target)
        providers = _providers(server)
        last = case.memory.refreshed.get(server.id.casefold())
        if last is not None and timedelta(0) <= case.now - last < AT_MOST_EVERY:
            raise CannotChange(_("it was refreshed less than a minute ago: wait a moment"))
        return Shape(
            title=_("Refresh the configuration server {name}").format(name=named(target)),
            before={_LAST: None if last is None else last.isoformat()},
            after={_LAST: "now"},
            calls=tuple(Call("azure", "POST", {"path": one.id + REFRESH_PATH}) for one in providers),
            rests_on={"providers": [one.id for one in providers]},
            disturbs=_(
                "nothing; it runs as a job in the vault for some minutes, and what it brings may show "
                "up to 15 minutes later"
            ),
            reversible=False,
            undo=_("it changes nothing that could be taken back"),
            privileges=(
                "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationRecoveryServicesProviders/refreshProvider/action",
            ),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Show the server's own heartbeat: the job has ended well before this is asked."""
        server = _server(case, change.target)
        heard = server.last_heartbeat.value.strftime("%H:%M UTC")
        return Verification(
            True, _("Azure reports the refresh as done; the server was last heard of at {time}").format(time=heard)
        )


def _server(case: Case, target: ChangeTarget) -> ConfigurationServer:
    for server in case.azure.configuration_servers.value:
        if same_id(server.id, target.ref):
            return server
    raise CannotChange(_("the vault no longer has this configuration server"))


def _providers(server: ConfigurationServer) -> tuple[Provider, ...]:
    providers = server.providers.value
    if not providers:
        raise CannotChange(_("the configuration server has no provider in the vault"))
    return providers
