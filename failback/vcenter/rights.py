"""Who is signed in to vCenter, and what that account holds at the root of the inventory."""

from __future__ import annotations

from dataclasses import dataclass

from failback.vcenter.properties import Collector
from failback.vcenter.session import Connection, VCenterSession
from wizard_steps.outside import Outside


@dataclass(frozen=True)
class HeldInVCenter:
    """An account, and what it holds at the root; a part of the tree may give it more."""

    user: Outside
    held: frozenset[str]


def read_rights(session: VCenterSession) -> HeldInVCenter:
    """Read who is signed in and what the account holds at the root. Raises what `VCenterSession.run` raises."""

    def read(connection: Connection) -> HeldInVCenter:
        from pyVmomi import vim

        content = connection.content
        (told,) = Collector(connection).of_these(
            vim.SessionManager, [content.sessionManager._GetMoId()], ["currentSession"]  # noqa: SLF001 -- pyvmomi's own
        )  # fmt: skip
        user = told.values["currentSession"].userName
        (held,) = content.authorizationManager.FetchUserPrivilegeOnEntities([content.rootFolder], user)
        return HeldInVCenter(Outside(user), frozenset(held.privileges))

    return session.run(read)
