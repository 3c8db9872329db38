"""Where the parts of the ready case lie that tests change most, as `changing` names them."""

from __future__ import annotations

AZURE_VM = "azure.vms[web01]"
CS_VM = "vcenter.machines[CS01]"
HOME_VM = "vcenter.machines[web01]"
HOST = "vcenter.hosts[host-1]"
ITEM = "azure.protected_items[web01]"
LINE = "azure.gateways[gw-dr].connections[to-osaka]"
MT = "server.master_targets[MT01]"
MT_VM = "vcenter.machines[MT01]"
PROVIDER = "server.providers[0]"
PS = "server.process_servers[PS-AZ-01]"
PS_VM = "azure.vms[PS-AZ-01]"
VCENTER = "server.vcenters[vcenter01]"
