"""Editions of ESXi, by the `editionKey` of the licence assigned to a host.

VMware does not document the keys; these were seen in use. An edition that is none of them has to be vouched for.
"""

from __future__ import annotations

_FREE = ("esxbasic", "esx.hypervisor")
_PAID = (
    *(f"esx.{name}" for name in ("enterprise", "standard", "advanced", "essentials", "foundation", "platinum", "robo")),
    *("esxenterprise", "esxfull", "vcf", "vvf"),
)
_EVALUATION = ("eval",)


def is_free_edition(edition: str) -> bool:
    """Tell whether an edition is the free one, whose interface can only read."""
    return edition.casefold().startswith(_FREE)


def is_paid_edition(edition: str) -> bool:
    """Tell whether an edition is known to be a paid one."""
    return edition.casefold().startswith(_PAID)


def is_evaluation(edition: str) -> bool:
    """Tell whether a host runs on the evaluation licence, which has every feature for 60 days."""
    return edition.casefold().startswith(_EVALUATION)
