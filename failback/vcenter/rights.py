"""What the account that signed in may do in vCenter, held against what this program does there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from failback.vcenter.properties import Collector
from failback.vcenter.session import Connection, VCenterSession
from wizard_steps.outside import Outside
from wizard_steps.wording import _, ngettext

TO_LOOK: Final = frozenset({"System.Anonymous", "System.View", "System.Read"})
"""What reading takes; vCenter gives these three with every role but "No access"."""

TO_CHANGE: Final = frozenset(
    {
        "Datastore.AllocateSpace",
        "Host.Config.Storage",
        "Host.Inventory.EditCluster",
        "Resource.ColdMigrate",
        "Resource.HotMigrate",
        "StoragePod.Config",
        "VirtualMachine.Config.AddNewDisk",
        "VirtualMachine.Config.AddRemoveDevice",
        "VirtualMachine.Config.AdvancedConfig",
        "VirtualMachine.Config.EditDevice",
        "VirtualMachine.Config.RemoveDisk",
        "VirtualMachine.Config.Rename",
        "VirtualMachine.Config.Settings",
        "VirtualMachine.GuestOperations.Execute",
        "VirtualMachine.GuestOperations.Modify",
        "VirtualMachine.GuestOperations.Query",
        "VirtualMachine.Interact.PowerOff",
        "VirtualMachine.Interact.PowerOn",
        "VirtualMachine.Interact.ToolsInstall",
        "VirtualMachine.State.RemoveSnapshot",
    }
)
"""What all the changes together take; a test compares it with what they name."""


@dataclass(frozen=True)
class Rights:
    """Who is signed in, and what that account holds at the root of vCenter's inventory."""

    user: Outside
    held: frozenset[str]

    @property
    def missing(self) -> tuple[str, ...]:
        """What this program may need and the account lacks there; a part of the tree may give it all the same."""
        return tuple(sorted((TO_LOOK | TO_CHANGE) - self.held))

    @property
    def beyond(self) -> tuple[str, ...]:
        """What the account holds and this program never uses."""
        return tuple(sorted(self.held - TO_LOOK - TO_CHANGE))

    def told(self) -> str:
        """Return in a few words as whom one is signed in, and whether that is less or more than is needed."""
        said = [_("vCenter knows you as {user}.").format(user=self.user.shown())]
        if self.missing:
            count = len(self.missing)
            said.append(
                ngettext(
                    "{count} right that changes may need is missing at the root of the inventory: {first}.",
                    "{count} rights that changes may need are missing at the root of the inventory: {first}, ...",
                    count,
                ).format(count=count, first=Outside(self.missing[0]).shown())
            )
        if self.beyond:
            count = len(self.beyond)
            said.append(
                ngettext(
                    "It holds {count} right that is never used here; a role of its own would hold less.",
                    "It holds {count} rights that are never used here; a role of its own would hold less.",
                    count,
                ).format(count=count)
            )
        return " ".join(said)


def read_rights(session: VCenterSession) -> Rights:
    """Read who is signed in and what the account holds at the root. Raises what `VCenterSession.run` raises."""

    def read(connection: Connection) -> Rights:
        from pyVmomi import vim

        content = connection.content
        (told,) = Collector(connection).of_these(
            vim.SessionManager, [content.sessionManager._GetMoId()], ["currentSession"]  # noqa: SLF001 -- pyvmomi's own
        )  # fmt: skip
        user = told.values["currentSession"].userName
        (held,) = content.authorizationManager.FetchUserPrivilegeOnEntities([content.rootFolder], user)
        return Rights(Outside(user), frozenset(held.privileges))

    return session.run(read)
