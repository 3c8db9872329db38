"""As whom Azure knows the account: an application by the id in the profile, a person by what the token says of itself.

The token is read and not verified: nothing is decided by it. Azure looks at every request anew.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from failback.azure.clients import AzureClients
from failback.azure.faults import fault_of
from failback.profiles.model import AzureSettings
from wizard_steps.outside import Outside, visible
from wizard_steps.reading import NotSeen
from wizard_steps.wording import _

_PEOPLE = ("upn", "preferred_username", "unique_name", "email")
_PROGRAMS = ("appid", "azp", "oid")


def known_before(settings: AzureSettings) -> str | None:
    """Return as whom one signs in by what the profile says alone, safe to show; `None` where only the token tells."""
    program = visible(settings.client_id or "")
    if settings.sign_in in ("client-secret", "client-certificate") and program:
        return _("application {id}").format(id=program)
    if settings.sign_in == "managed-identity":
        return _("managed identity {id}").format(id=program) if program else _("managed identity")
    return None


def account_of(clients: AzureClients) -> Outside | None:
    """Return the name of the person, or the id of the application, that signed in; `None`: the token does not say.

    Raises `NotSeen` with the reason when there is no token to be had.
    """
    try:
        token = clients.token()
    except Exception as error:
        raise NotSeen(fault_of(error).reason) from error
    claims = _claims(token)
    names = [claims.get(one) for one in (*_PEOPLE, *_PROGRAMS)]
    return next((Outside(one) for one in names if isinstance(one, str) and one), None)


def _claims(token: str) -> dict[str, Any]:
    """Return what a token says; nothing for one that is no JSON web token."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 -- head, claims, signature
        return {}
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
