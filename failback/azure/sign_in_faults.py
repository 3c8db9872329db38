"""What Azure's sign-in says when it refuses: its codes (AADSTS...), the phrases of its library and of the Azure CLI."""

from __future__ import annotations

import re

from failback.azure.fault import Fault, Kind, one_line
from wizard_steps.wording import N_, _

_SIGN_IN_CODES: tuple[tuple[str, Kind, str, str], ...] = (
    (
        "AADSTS7000215",
        Kind.SIGN_IN_REFUSED,
        N_("the client secret is wrong"),
        N_("check the secret's value (not its id), then try again"),
    ),
    ("AADSTS7000222", Kind.SIGN_IN_REFUSED, N_("the client secret has expired"), N_("make a new client secret")),
    (
        "AADSTS700027",
        Kind.SIGN_IN_REFUSED,
        N_("the application does not know this certificate, or it has expired"),
        N_("register the certificate with the application"),
    ),
    (
        "AADSTS700016",
        Kind.SIGN_IN_REFUSED,
        N_("this tenant has no application with that client_id"),
        N_("check client_id and tenant_id in the profile"),
    ),
    ("AADSTS7000112", Kind.SIGN_IN_REFUSED, N_("the application is disabled"), N_("ask who administers the tenant")),
    ("AADSTS90002", Kind.WRONG_TENANT, N_("there is no such tenant"), N_("check tenant_id in the profile")),
    ("AADSTS900023", Kind.WRONG_TENANT, N_("there is no such tenant"), N_("check tenant_id in the profile")),
    ("AADSTS50020", Kind.WRONG_TENANT, N_("the account is not in this tenant"), N_("check tenant_id in the profile")),
    ("AADSTS50053", Kind.SIGN_IN_REFUSED, N_("the account is locked"), N_("ask who administers the tenant")),
    ("AADSTS50057", Kind.SIGN_IN_REFUSED, N_("the account is disabled"), N_("ask who administers the tenant")),
    ("AADSTS50076", Kind.NOT_SIGNED_IN, N_("a second factor is asked for"), N_("sign in again with it")),
    (
        "AADSTS50079",
        Kind.NOT_SIGNED_IN,
        N_("a second factor must be set up first"),
        N_("set it up, then sign in again"),
    ),
    (
        "AADSTS53003",
        Kind.SIGN_IN_REFUSED,
        N_("a conditional access policy forbids this sign-in"),
        N_("use another kind of sign-in, or ask who administers the tenant"),
    ),
    (
        "AADSTS50158",
        Kind.NOT_SIGNED_IN,
        N_("a conditional access policy asks for one more proof"),
        N_("sign in again and give it"),
    ),
    (
        "AADSTS53000",
        Kind.SIGN_IN_REFUSED,
        N_("a conditional access policy admits managed devices only"),
        N_("use another kind of sign-in, or ask who administers the tenant"),
    ),
    ("AADSTS70020", Kind.NOT_SIGNED_IN, N_("nobody entered the code in time"), N_("sign in again")),
    (
        "AADSTS50072",
        Kind.NOT_SIGNED_IN,
        N_("a second factor must be set up first"),
        N_("set it up, then sign in again"),
    ),
    ("AADSTS50074", Kind.NOT_SIGNED_IN, N_("a second factor is asked for"), N_("sign in again with it")),
    ("AADSTS50078", Kind.NOT_SIGNED_IN, N_("the second factor has expired"), N_("sign in again with it")),
    ("AADSTS50173", Kind.NOT_SIGNED_IN, N_("the earlier sign-in was revoked"), N_("sign in again")),
    (
        "AADSTS53001",
        Kind.SIGN_IN_REFUSED,
        N_("a conditional access policy admits computers of the domain only"),
        N_("use another kind of sign-in, or ask who administers the tenant"),
    ),
    (
        "AADSTS50131",
        Kind.SIGN_IN_REFUSED,
        N_("a conditional access policy forbids this sign-in"),
        N_("use another kind of sign-in, or ask who administers the tenant"),
    ),
    (
        "AADSTS50105",
        Kind.SIGN_IN_REFUSED,
        N_("this account is not assigned to the application"),
        N_("ask who administers the tenant"),
    ),
    (
        "AADSTS500011",
        Kind.SIGN_IN_REFUSED,
        N_("this tenant does not know the Resource Manager that the profile means"),
        N_("check cloud, scope and tenant_id in the profile; with azure-cli, also 'az cloud show'"),
    ),
    (
        "AADSTS700024",
        Kind.SIGN_IN_REFUSED,
        N_("the clocks here and at Azure do not agree"),
        N_("set this computer's clock, then sign in again"),
    ),
    ("AADSTS65001", Kind.SIGN_IN_REFUSED, N_("nobody has consented to the application"), N_("have it consented to")),
    ("AADSTS70043", Kind.NOT_SIGNED_IN, N_("the earlier sign-in has expired"), N_("sign in again")),
    ("AADSTS700082", Kind.NOT_SIGNED_IN, N_("the earlier sign-in has expired"), N_("sign in again")),
)

_UNAVAILABLE: tuple[tuple[str, str, str], ...] = (
    (
        "--claims-challenge",
        N_("a conditional access policy asks for a stronger sign-in than the Azure CLI has"),
        N_("sign in with sign_in = \"device-code\", or run 'az login' anew as the policy asks"),
    ),
    ("az login", N_("nobody is signed in to the Azure CLI"), N_("run 'az login', then try again")),
    (
        "Azure CLI not found",
        N_("the Azure CLI is not installed, or not on the path"),
        N_("install it, or take another sign_in"),
    ),
    ("Failed to invoke", N_("the Azure CLI did not answer"), N_("run 'az account show' and see what it says")),
    (
        "ManagedIdentity",
        N_("this machine has no managed identity that answers"),
        N_("give it one, or take another sign_in"),
    ),
    ("IMDS", N_("this machine has no managed identity that answers"), N_("give it one, or take another sign_in")),
)


def of_identity(text: str) -> Fault:
    """Read what the sign-in library says: its own codes first, then its phrases."""
    for code, kind, reason, next_step in _SIGN_IN_CODES:
        if re.search(rf"\b{code}\b", text):
            return Fault(kind, _(reason), _(next_step), code)
    for words, reason, next_step in _UNAVAILABLE:
        if words in text:
            return Fault(Kind.NOT_SIGNED_IN, _(reason), _(next_step))
    if "Timed out waiting for user" in text:
        return Fault(Kind.NOT_SIGNED_IN, _("nobody entered the code in time"), _("sign in again"))
    return Fault(Kind.SIGN_IN_REFUSED, one_line(text), _("check the [azure] section of the profile"))
