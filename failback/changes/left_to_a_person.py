"""Remedies this program names but does not carry out, and what the person does instead.

Together with `remedies.REMEDIES` this covers every remedy id a requirement may name; a test holds it.
"""

from __future__ import annotations

from collections.abc import Mapping

from wizard_steps.wording import N_

LEFT_TO_A_PERSON: Mapping[str, str] = {
    "submit-reprotect": N_(
        "Reprotect the machine in the portal: Replicated items, the machine, Re-protect; or send "
        "the request this program exports."
    ),
    "start-mobility-service": N_(
        "Sign in to the Azure VM and start the service InMage Scout VX Agent (Windows) or vxagent (Linux)."
    ),
    "start-configuration-server": N_(
        "Power on the configuration server and start its services: tmansvc, InMage PushInstall, "
        "cxprocessserver, World Wide Web Publishing."
    ),
    "add-network-adapter": N_(
        "Add a second network adapter to the configuration server and put it on the network that "
        "reaches the Azure machines."
    ),
    "renew-certificate": N_(
        "Renew the certificate: the vault, Site Recovery infrastructure, Configuration servers, "
        "the server, Renew certificates."
    ),
    "reset-connection": N_(
        "Reset the connection or its gateway in the portal; every tunnel of that gateway drops for a few minutes."
    ),
    "switch-process-server": N_(
        "Move the machines to the process server in Azure: the configuration server's page, the process server, Switch."
    ),
    "allow-port": N_(
        "Add a rule for the port to the network security group, with a smaller priority number "
        "than the rule that denies it."
    ),
    "create-failback-policy": N_(
        "Associate a policy with the configuration server in the portal: the failback policy is made with it."
    ),
    "map-failback-policy": N_(
        "Associate the failback policy with the configuration server: the vault, Replication "
        "policies, the policy, Associate."
    ),
    "swap-to-lsi": N_(
        "Power the master target off, change each paravirtual controller to LSI Logic SAS, and "
        "power it on; Windows needs the LSI driver first."
    ),
    "add-lsi-controller": N_("Add a SCSI controller of the type LSI Logic SAS to the master target's VM."),
    "attach-moved-disks": N_(
        "Attach the disks that Storage vMotion moved: edit the master target's VM and add each one as an existing disk."
    ),
    "mount-vmware-tools": N_(
        "Install VMware Tools in the master target: Guest OS, Install VMware Tools; on Linux install open-vm-tools."
    ),
    "upgrade-vmware-tools": N_(
        "Upgrade VMware Tools in the master target: Guest OS, Upgrade VMware Tools; it may restart the guest."
    ),
    "format-retention-volume": N_(
        "Format the retention disk inside the guest: NTFS on R: for Windows, ext4 on /mnt/retention for Linux."
    ),
    "grant-vcenter-role": N_(
        "Give the account that site recovery uses the missing privileges on the vCenter, with propagation."
    ),
    "rescan-storage": N_(
        "Rescan storage on the master target's ESXi host: Storage, Rescan Storage; present the LUN to the host first."
    ),
    "mount-vmfs": N_("Mount the datastore on the master target's ESXi host, for reading and writing."),
    "move-master-target-host": N_(
        "Move the master target's VM to the chosen ESXi host: Migrate, change compute resource only."
    ),
    "add-vcenter-record": N_(
        "Add the vCenter to the configuration server: the vault, Site Recovery infrastructure, the server, vCenter."
    ),
    "rename-colliding-vm": N_(
        "Rename or unregister the VM that has the same name in the place where the machine comes home."
    ),
}
