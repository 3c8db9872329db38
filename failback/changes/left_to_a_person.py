"""Remedies this program names but does not carry out, and what the person does instead.

Together with `remedies.REMEDIES` this covers every remedy id a requirement may name; a test holds it.
"""

from __future__ import annotations

from collections.abc import Mapping

from wizard_steps.wording import N_

LEFT_TO_A_PERSON: Mapping[str, str] = {
    "add-network-adapter": N_(
        "Add a second network adapter to the configuration server and put it on the network that "
        "reaches the Azure machines; which one that is, and the address in it, only the site knows."
    ),
    "attach-moved-disks": N_(
        "Attach the disks that Storage vMotion moved: edit the master target's VM and add each one as an existing "
        "disk. Where a file went, vCenter tells only whoever searches the datastores: take the names from the evidence."
    ),
    "format-retention-volume": N_(
        "Format the retention disk inside the guest: NTFS on R: for Windows, ext4 on /mnt/retention for Linux."
    ),
    "grant-vcenter-role": N_(
        "Give the account that site recovery uses the missing privileges on the vCenter, with propagation. This "
        "program reads what the account may do, and never grants rights."
    ),
}
