"""The detection matrix: for every requirement that can fail or warn, one site that violates it and nothing else.

A site is the ready rehearsal site with a small change at its wires or in its choices. `MISSING_CAUSES` and `THROUGH`
hold what the table of requirements says of no row, each with its reason: a change of the table is a review's business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from failback.rehearsal.site import Site
from tests.proof.judging import Act, Choose, as_it_is, leave
from wizard_steps.requirement import Finding


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


@dataclass(frozen=True)
class MissingCause:
    """What the table does not say: that `row` on `subject` follows from `cause`, and why.

    The finding names no cause of its own, so its status and its evidence must be those that the cause brings about: any
    other finding of the row is as unexplained as that of another row.
    """

    row: str
    subject: str
    cause: str
    status: str
    evidence: str
    why: str

    def explains(self, root: str, finding: Finding) -> bool:
        """Tell whether a finding that names no cause is this one."""
        return (
            (self.cause, self.row, self.subject) == (root, finding.requirement.id, finding.subject.name)
            and finding.caused_by is None
            and finding.status.value == self.status
            and self.evidence in finding.evidence
        )


_FIRST_LISTED = "while nothing is listed there is no volume to judge: the missing drive is the root"
_OFF = "of a VM that is off nothing can be tried: that it is off is the root"
_IS_OFF = "web01 is deallocated, so nothing can be tried from it"
_UNLISTED = "site recovery does not list it; vouch that "

MISSING_CAUSES: tuple[MissingCause, ...] = (
    MissingCause(
        "mobility-agent-present",
        "web01",
        "agent-registered",
        "attest",
        "no heartbeat for 40 minutes: vouch that nobody uninstalled the mobility agent",
        "a silent agent proves nothing any more, so a person has to vouch that it is there (ruling)",
    ),
    MissingCause("azvm-reach-ps", "web01", "azvm-running", "attest", _IS_OFF, _OFF),
    MissingCause("port-azvm-cs-443", "web01 -> CS01 tcp/443", "azvm-running", "attest", _IS_OFF, _OFF),
    MissingCause("port-azvm-ps-9443", "web01 -> PS-AZ-01 tcp/9443", "azvm-running", "attest", _IS_OFF, _OFF),
    MissingCause(
        "azvm-reach-ps",
        "web01",
        "port-azvm-ps-9443",
        "fail",
        "on TCP 9443: NetworkSecurityRule",
        "a security rule that denies the port is the reason why no connection comes about",
    ),
    MissingCause(
        "ps-onprem-poc-er",
        "CS01",
        "ps-azure-required",
        "fail",
        "CS01 stands on-premises",
        "a process server on-premises is by itself none in Azure",
    ),
    MissingCause(
        "ps-reach-cs",
        "PS-AZ-01",
        "s2s-or-er-required",
        "fail",
        "the next hop to 10.20.0.10 is None",
        "a tunnel that does not lead to the server leaves no route to it",
    ),
    MissingCause(
        "ps-existing-add-drive",
        "MT01",
        "ret-drive-present",
        "fail",
        "PS-OLD runs here, without a drive",
        _FIRST_LISTED,
    ),
    MissingCause(
        "ret-not-cache-volume",
        "MT01:R",
        "ret-drive-present",
        "attest",
        f"{_UNLISTED}it is not the cache volume",
        _FIRST_LISTED,
    ),
    MissingCause(
        "ret-not-install-volume",
        "MT01:R",
        "ret-drive-present",
        "attest",
        f"{_UNLISTED}neither server is installed on it",
        _FIRST_LISTED,
    ),
)
"""Findings whose cause the `consequence_of` of their row in the table lacks."""
