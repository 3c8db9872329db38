"""A call to Azure that fails makes unknown what depends on it, with the reason, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from failback.azure import allowed
from failback.azure.allowed import Operation
from failback.errors import SignInRefusedError
from failback.progress import never, silent
from failback.rehearsal.arm_wire import Reply, denied
from tests.proof.judging import Judged, opened
from tests.proof.unknown import hold_to_unknown

WORD = "SomethingIsWrong"
FAULTS = {
    "no answer in time": Reply(hangs=True),
    "the connection breaks": Reply(dropped=True),
    "401": Reply.error(401, "InvalidAuthenticationToken", "The access token is invalid."),
    "403": denied("Some/action/read", "/some/scope"),
    "429": Reply.error(429, "TooManyRequests", "Too many.", Retry_After="900"),
    "500": Reply.error(500, WORD, "Internal error."),
    "503": Reply.error(503, WORD, "Unavailable."),
    "a page instead of JSON": Reply(200, b"<html>sign in to the hotel</html>"),
    "JSON of another shape": Reply(200, ["nothing", "of", "this"]),
}
READS = [one for one in allowed.READS if one is not allowed.VAULT]
PROBES = [one for one in allowed.PROBES if one.group != "-" and one.name != "-" and one.client == "network"]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", READS, ids=lambda one: one.title)
def test_a_read_that_fails_makes_what_depends_on_it_unknown(operation: Operation, fault: str, ready: Judged) -> None:
    with opened() as (site, engine):
        site.clock.sleep = _at_once
        site.arm.fault(operation.verb, allowed._pattern(operation.path).pattern + "$", FAULTS[fault], times=None)
        azure = replace(engine._read_azure(silent, never), probed=ready.case.azure.probed)
        case = replace(ready.case, estate=replace(ready.case.estate, azure=azure))
        hold_to_unknown(ready, Judged(case, engine.judge(case)))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", PROBES, ids=lambda one: one.title)
def test_a_probe_that_fails_makes_what_depends_on_it_unknown(operation: Operation, fault: str, ready: Judged) -> None:
    with opened() as (site, engine):
        site.clock.sleep = _at_once
        site.arm.fault(operation.verb, allowed._pattern(operation.path).pattern + "$", FAULTS[fault], times=None)
        estate = engine._probed(replace(ready.case.estate, azure=replace(ready.case.azure, probed=None)), silent, never)
        case = replace(ready.case, estate=estate)
        hold_to_unknown(ready, Judged(case, engine.judge(case)))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_vault_that_cannot_be_read_makes_everything_in_azure_unknown(fault: str, ready: Judged) -> None:
    with opened() as (site, engine):
        site.clock.sleep = _at_once
        site.arm.fault("GET", allowed._pattern(allowed.VAULT.path).pattern + "$", FAULTS[fault], times=None)
        if fault == "401":
            with pytest.raises(SignInRefusedError):
                engine.look()
            return
        case = replace(ready.case, estate=engine.look().estate)
        hold_to_unknown(ready, Judged(case, engine.judge(case)))


def _at_once(_seconds: float) -> None:
    """Let no time pass: what is judged is the fault, not the age of what was read before it."""
