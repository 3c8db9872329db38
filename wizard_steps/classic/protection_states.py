"""What site recovery's word for the state of a machine's protection comes to, for a machine that runs in Azure.

Azure publishes no list of these words. Those known here were seen in recorded answers; any other is unknown, with the
word as it was sent, because one of them may say that a failover broke off.
"""

from __future__ import annotations

from wizard_steps.requirement import Judgement, fail, passed, pending, unknown
from wizard_steps.wording import _

_FAILED_OVER = frozenset({"unplannedfailovercommitted", "unplannedfailovercommitpendingstatesbegin"})
"""While a failover waits for its commit `SwitchProtection` was recorded as allowed: the operations decide then."""

_COPYING_TO_AZURE = frozenset({"initialreplicationinprogress", "initialreplicationrecoverycompletionpending"})
_PROTECTED_ON_PREMISES = "protected"


def judge_state(state: str) -> Judgement:
    """Judge the state of a machine that must be failed over, and not yet replicate home."""
    word = state.strip().casefold()
    if word in _FAILED_OVER:
        return passed(_("its protection state is {state}"), state=state)
    if word in _COPYING_TO_AZURE:
        return pending(
            _("its protection state is {state}: its first copy to Azure is not complete"),
            state=state,
            action=_("Wait until the first copy is complete, then fail the machine over."),
        )
    if word == _PROTECTED_ON_PREMISES:
        return fail(_("its protection state is {state}: it is not failed over"), state=state)
    return unknown(
        _("its protection state is {state}, a word this program does not know"),
        state=state,
        action=_("Look at the machine's state and at its last job in the portal, and judge by what they show."),
    )
