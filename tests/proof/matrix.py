"""The detection matrix: for every requirement that can fail or warn, one site that violates it and nothing else.

A site is the ready rehearsal site with a small change at its wires or in its choices. `MISSING_CAUSES` and `THROUGH`
hold what the table of requirements says of no row, each with its reason: a change of the table is a review's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from failback.rehearsal.site import Site
from tests.proof.judging import Act, Choose, as_it_is, leave


@dataclass(frozen=True)
class Violation:
    """One site: the row it violates, on which subject, and the status the engine then gives.

    `through` names the root without which the row cannot be violated. `given` is done to the ready site beforehand, and
    `choose` chosen there: where it is something, only what `act` adds to it counts. `evidence` is what the finding must
    say where its status cannot tell: a row of which only a person knows asks that person before and after.
    """

    row: str
    subject: str
    status: str
    act: Act = leave
    choose: Choose = as_it_is
    later: Act | None = None
    inside: tuple[str, ...] = ()
    through: str | None = None
    evidence: str = ""
    words: str = ""
    given: Act = leave

    def violate(self, site: Site) -> None:
        """Make the ready site the one that violates the row."""
        self.given(site)
        self.act(site)

    @property
    def root(self) -> str:
        """The row at the root of everything that this site changes."""
        return self.through or self.row

    @property
    def sentence(self) -> str:
        """The violation as the name of a test."""
        return f"{self.row}: {self.words}".replace("[", "(").replace("]", ")")


class Matrix:
    """The violations of one part of the table, in the order in which they are written down."""

    def __init__(self) -> None:
        self.rows: list[Violation] = []

    def site(
        self,
        row: str,
        subject: str,
        status: str = "fail",
        *,
        choose: Choose = as_it_is,
        later: Act | None = None,
        inside: tuple[str, ...] = (),
        through: str | None = None,
        evidence: str = "",
        given: Act = leave,
    ) -> Callable[[Act], Act]:
        """Register the decorated act; its name says in words what it does to the ready site."""

        def register(act: Act) -> Act:
            words = act.__name__.strip("_").replace("_", " ")
            self.rows.append(
                Violation(row, subject, status, act, choose, later, inside, through, evidence, words, given)
            )
            return act

        return register


_FIRST_LISTED = "while nothing is listed there is no volume to judge: the missing drive is the root"
_OFF = "of a VM that is off nothing can be tried: that it is off is the root"

MISSING_CAUSES: Mapping[str, Mapping[str, str]] = {
    "mobility-agent-present": {
        "agent-registered": "a silent agent proves nothing any more, so a person has to vouch that it is there (ruling)"
    },
    "azvm-reach-ps": {
        "azvm-running": _OFF,
        "port-azvm-ps-9443": "a security rule that denies the port is the reason why no connection comes about",
    },
    "port-azvm-cs-443": {"azvm-running": _OFF},
    "port-azvm-ps-9443": {
        "azvm-running": _OFF,
    },
    "ps-onprem-poc-er": {"ps-azure-required": "a process server on-premises is by itself none in Azure"},
    "ps-reach-cs": {"s2s-or-er-required": "a tunnel that does not lead to the server leaves no route to it"},
    "ps-existing-add-drive": {"ret-drive-present": _FIRST_LISTED},
    "ret-not-cache-volume": {"ret-drive-present": _FIRST_LISTED},
    "ret-not-install-volume": {"ret-drive-present": _FIRST_LISTED},
}
"""Rows whose `consequence_of` in the table lacks a cause: row -> cause -> why it is one."""
