"""Which server roles share a machine: the configuration server may carry a process server and a master target.

Site recovery gives roles on one machine the same id, or at least the same address.
"""

from __future__ import annotations

from wizard_steps.case import Case, Target
from wizard_steps.seen_in_azure import ConfigurationServer, MasterTarget, ProcessServer


def is_on_configuration_server(server: ConfigurationServer, target: MasterTarget) -> bool:
    """Tell whether a master target runs on its configuration server's own machine; raises `NotSeen`.

    With an address of its second network adapter, it shows by the id that it shares with the process server there.
    """
    address = server.ip_address.value
    if target.ip_address.value == address:
        return True
    beside = [one for one in server.process_servers.value if one.id.casefold() == target.id.casefold()]
    return any(one.ip_address.value == address for one in beside)


def process_server_beside(case: Case, target: Target) -> ProcessServer | None:
    """Return the process server on the master target's own machine; None: there is none. Raises `NotSeen`."""
    mine = target.registered.value
    for one in case.server.value.process_servers.value:
        if one.id.casefold() == mine.id.casefold() or one.ip_address.value == mine.ip_address.value:
            return one
    return None
