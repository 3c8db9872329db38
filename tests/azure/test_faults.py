"""What each error of Azure becomes: a kind, one plain clause, and an exit code."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import AzureError, ClientAuthenticationError, ServiceRequestError, ServiceResponseError

from failback.azure.faults import Fault, Kind, WaitCancelledError, as_error, fault_of
from failback.errors import InterruptedByOperatorError, UsageError
from failback.rehearsal.arm_wire import ArmWire, Reply, denied
from tests.azure import world

READ_VM = "Microsoft.Compute/virtualMachines/read"

ANSWERS: list[tuple[str, Reply, Kind, int, str]] = [
    ("denied", denied(READ_VM, "x"), Kind.DENIED, 3, f"this account lacks the permission {READ_VM}"),
    (
        "denied without the action's name",
        Reply.error(403, "RequestDisallowedByPolicy", "a policy forbids it"),
        Kind.DENIED,
        3,
        "this account may not do that (RequestDisallowedByPolicy)",
    ),
    (
        "throttled for long",
        Reply.error(429, "TooManyRequests", "slow down", Retry_After="600"),
        Kind.THROTTLED,
        3,
        "Azure throttles this account and asks to wait 600 s",
    ),
    ("throttled for ever", Reply.error(429, "x", "y"), Kind.THROTTLED, 3, "Azure throttles this account"),
    (
        "signed in elsewhere",
        Reply.error(401, "InvalidAuthenticationTokenTenant", "wrong issuer"),
        Kind.WRONG_TENANT,
        2,
        "the subscription belongs to another tenant than the one that signed in",
    ),
    ("expired", Reply.error(401, "ExpiredAuthenticationToken", "x"), Kind.NOT_SIGNED_IN, 2, "the sign-in has expired"),
    (
        "not accepted",
        Reply.error(401, "InvalidAuthenticationToken", "x"),
        Kind.SIGN_IN_REFUSED,
        2,
        "Azure did not accept the token (InvalidAuthenticationToken)",
    ),
    (
        "no such subscription",
        Reply.error(404, "SubscriptionNotFound", "x"),
        Kind.NO_SUBSCRIPTION,
        2,
        "the signed-in account sees no such subscription",
    ),
    (
        "no such group",
        Reply.error(404, "ResourceGroupNotFound", "x"),
        Kind.NOT_FOUND,
        2,
        "there is no such resource group",
    ),
    ("no such thing", Reply.error(404, "ResourceNotFound", "x"), Kind.NOT_FOUND, 2, "Azure has no such resource"),
    ("busy", Reply.error(409, "Conflict", "x"), Kind.CONFLICT, 3, "another operation is in progress there"),
    ("down inside", Reply.error(500, "x", "y"), Kind.SERVICE_FAILED, 3, "the service failed with status 500"),
    (
        "a proxy's page",
        Reply(502, b"<html>", {"Content-Type": "text/html"}),
        Kind.SERVICE_FAILED,
        3,
        "the service failed with status 502",
    ),
    ("a proxy's page called JSON", Reply(502, b"<html>"), Kind.SERVICE_FAILED, 3, "the service failed with status 502"),
    ("slow inside", Reply.error(504, "x", "y"), Kind.TIMED_OUT, 3, "the service had no answer in time"),
    ("refused", Reply.error(400, "BadRequest", "No [bold]way.\nTrace"), Kind.REFUSED, 3, "No [bold]way"),
    ("broken JSON", Reply(200, b"{"), Kind.MALFORMED, 3, "the answer could not be understood"),
    ("broken off", Reply(dropped=True), Kind.BROKEN_OFF, 3, "the connection broke before an answer came"),
    ("silent", Reply(hangs=True), Kind.TIMED_OUT, 3, "no answer in time"),
]


@pytest.mark.parametrize(
    ("reply", "kind", "exit_code", "reason"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS]
)
def test_an_answer_becomes_a_plain_reason(arm: ArmWire, reply: Reply, kind: Kind, exit_code: int, reason: str) -> None:
    arm.fault("GET", "/virtualMachines/web01$", reply, times=None)
    with pytest.raises(AzureError) as caught:
        world.clients(arm).compute().virtual_machines.get("rg-dr", "web01")
    fault = fault_of(caught.value)
    assert (fault.kind, fault.reason) == (kind, reason)
    error = as_error(caught.value, "Azure")
    assert error.exit_code == exit_code
    assert "\n" not in str(error)


def test_a_missing_permission_is_named(arm: ArmWire) -> None:
    arm.fault("GET", "/virtualMachines/web01$", denied(READ_VM, "x"))
    with pytest.raises(AzureError) as caught:
        world.clients(arm).compute().virtual_machines.get("rg-dr", "web01")
    assert fault_of(caught.value).action == READ_VM


SIGN_INS = [
    ("AADSTS7000215: Invalid client secret provided.", Kind.SIGN_IN_REFUSED, "the client secret is wrong"),
    (
        "AADSTS7000222: The provided client secret keys are expired.",
        Kind.SIGN_IN_REFUSED,
        "the client secret has expired",
    ),
    ("AADSTS50074: Strong auth required.", Kind.NOT_SIGNED_IN, "a second factor is asked for"),
    ("AADSTS50173: The grant was revoked.", Kind.NOT_SIGNED_IN, "the earlier sign-in was revoked"),
    (
        "AADSTS500011: The resource principal named https://management.azure.com was not found in the tenant x.",
        Kind.SIGN_IN_REFUSED,
        "this tenant does not know the Resource Manager that the profile means",
    ),
    (
        "AADSTS700024: Client assertion is not within its valid time range.",
        Kind.SIGN_IN_REFUSED,
        "the clocks here and at Azure do not agree",
    ),
    ("AADSTS90002: Tenant 'x' not found.", Kind.WRONG_TENANT, "there is no such tenant"),
    ("AADSTS50076: you must use multi-factor authentication", Kind.NOT_SIGNED_IN, "a second factor is asked for"),
    ("Please run 'az login' to set up an account", Kind.NOT_SIGNED_IN, "nobody is signed in to the Azure CLI"),
    ("Azure CLI not found on path", Kind.NOT_SIGNED_IN, "the Azure CLI is not installed, or not on the path"),
    ("Failed to invoke the Azure CLI", Kind.NOT_SIGNED_IN, "the Azure CLI did not answer"),
    (
        "ManagedIdentityCredential authentication unavailable",
        Kind.NOT_SIGNED_IN,
        "this machine has no managed identity that answers",
    ),
    ("Timed out waiting for user to authenticate", Kind.NOT_SIGNED_IN, "nobody entered the code in time"),
    ("something new\nTrace ID: 1", Kind.SIGN_IN_REFUSED, "something new"),
]


@pytest.mark.parametrize(("text", "kind", "reason"), SIGN_INS)
def test_a_refused_sign_in_becomes_a_plain_reason(text: str, kind: Kind, reason: str) -> None:
    fault = fault_of(ClientAuthenticationError(text))
    assert (fault.kind, fault.reason) == (kind, reason)
    assert as_error(ClientAuthenticationError(text), "Azure").exit_code == 2


CONNECTIONS = [
    (ServiceRequestError("Failed to resolve 'management.azure.com'"), Kind.UNREACHABLE, "its name cannot be resolved"),
    (
        ServiceRequestError("CERTIFICATE_VERIFY_FAILED"),
        Kind.UNTRUSTED,
        "its certificate is not vouched for by an authority this machine trusts",
    ),
    (ServiceRequestError("Cannot connect to proxy."), Kind.UNREACHABLE, "the proxy does not answer"),
    (ServiceRequestError("Connection timed out"), Kind.TIMED_OUT, "no connection in time"),
    (ServiceRequestError("Connection refused"), Kind.UNREACHABLE, "nothing answers there"),
    (ServiceResponseError("Connection aborted."), Kind.BROKEN_OFF, "the connection broke before an answer came"),
]


@pytest.mark.parametrize(("error", "kind", "reason"), CONNECTIONS)
def test_a_connection_that_fails_becomes_a_plain_reason(error: AzureError, kind: Kind, reason: str) -> None:
    fault = fault_of(error)
    assert (fault.kind, fault.reason) == (kind, reason)
    assert as_error(error, "Azure").exit_code == 3


def test_control_characters_from_azure_never_reach_a_screen() -> None:
    fault = fault_of(ClientAuthenticationError("evil \x1b[31mred\x07"))
    assert "\x1b" not in fault.reason
    assert "\\x1b" in fault.reason


def test_a_cancellation_is_the_operators_own() -> None:
    error = as_error(WaitCancelledError(), "Azure")
    assert isinstance(error, InterruptedByOperatorError)
    assert error.exit_code == 130


def test_an_error_of_this_program_stays_what_it_is() -> None:
    error = UsageError("a", "b", "c")
    assert as_error(error, "Azure") is error


def test_a_defect_is_raised_again_and_not_told_as_an_answer() -> None:
    with pytest.raises(ZeroDivisionError):
        fault_of(ZeroDivisionError())


@pytest.mark.parametrize("details", [None, "text", [None], [{"possibleCauses": None}], {"a": 1}])
def test_strange_details_of_an_error_are_survived(arm: ArmWire, details: Any) -> None:
    body = {"error": {"code": "Odd", "message": "odd", "details": details}}
    arm.fault("GET", "/replicationFabrics/x$", Reply(400, body))
    with pytest.raises(Exception) as caught:  # noqa: PT011 -- the library itself stumbles over some of these
        world.clients(arm).site_recovery.replication_fabrics.get("rg-dr", "rsv-dr", "x")
    if isinstance(caught.value, AzureError):
        fault = fault_of(caught.value)
        assert isinstance(fault, Fault)
        assert fault.causes == ()
