"""What a person's word is worth: whose, for what, for how long."""

from __future__ import annotations

from datetime import timedelta

from wizard_steps.case import Case
from wizard_steps.choices import Attestation
from wizard_steps.reading import Source, seen

_CLOCK_SKEW = timedelta(minutes=5)


def attestation_for(case: Case, requirement: str, subject: str) -> Attestation | None:
    """Return the unexpired attestation of this requirement on the subject of that name. One from the future is none.

    Inside a rule, the operator is noted as a source of the finding.
    """
    for one in case.attestations:
        fresh = -_CLOCK_SKEW <= case.now - one.at < case.limits.attestation_lifetime
        if fresh and one.requirement == requirement and one.subject == subject:
            return seen(one, Source("operator", "attestation", one.at)).value
    return None
