"""What went wrong with vCenter, in plain words: pyvmomi's and the network's exceptions become the program's own.

`explained` is for reads and sign-in. What a failed *change* means is decided where it is sent.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
from typing import Any
from xml.parsers.expat import ExpatError

from failback.errors import (
    AccessDeniedError,
    CertificateUntrustedError,
    FailbackError,
    NotReachedError,
    SignInRefusedError,
    TimedOutError,
    UnreachableError,
)
from wizard_steps.outside import visible
from wizard_steps.wording import _

UNREADABLE = (ExpatError, AttributeError, KeyError, TypeError, ValueError)
"""What pyvmomi raises for an answer it cannot read, such as an enumeration value newer than itself."""


def named(host: str) -> str:
    """Return how a sentence names the vCenter."""
    return _("vCenter {host}").format(host=visible(host))


def _in_a_word(error: BaseException, *, quiet: bool) -> str:
    """Return what an error says of itself; `quiet`: what the system says to its number, or its class, and no more."""
    if quiet:
        number = getattr(error, "errno", None)
        return os.strerror(number) if isinstance(number, int) else type(error).__name__
    if isinstance(error, OSError):
        return visible(str(error)) or type(error).__name__
    return visible(f"{type(error).__name__}: {error}")


def broken_connection(host: str, port: int | None, error: BaseException, *, quiet: bool = False) -> FailbackError:
    """Explain a connection that was not made, or that broke."""
    if isinstance(error, TimeoutError):
        return TimedOutError(
            named(host), _("it did not answer in time"), _("check that it runs and is not overloaded, then try again")
        )
    if isinstance(error, socket.gaierror):
        return UnreachableError(
            named(host), _("no address is known for this name"), _("check the name in the profile, and the DNS here")
        )
    if isinstance(error, ConnectionRefusedError):
        return UnreachableError(
            named(host),
            _("nothing listens on port {port}").format(port=port) if port else _("nothing listens there"),
            _("check host and port in the profile, and that the service runs"),
        )
    if isinstance(error, ssl.SSLError):
        return UnreachableError(
            named(host), _("it does not speak TLS as expected"), _("check the port in the profile (443 as a rule)")
        )
    return UnreachableError(
        named(host),
        _("it cannot be reached ({error})").format(error=_in_a_word(error, quiet=quiet)),
        _("check the network between here and there, then try again"),
    )


def explained(error: BaseException, host: str, port: int | None = None, *, quiet: bool = False) -> FailbackError:
    """Return the program's own error for what a read or a sign-in raised; anything unforeseen is raised again.

    `quiet` leaves out what a library says of an error: while somebody signs in, it may quote the password.
    """
    if isinstance(error, FailbackError):
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateUntrustedError(
            named(host),
            _("its certificate is not the one that was trusted a moment ago"),
            _("ask who runs this vCenter before anything else; no password was sent"),
        )
    if isinstance(error, (OSError, http.client.HTTPException)):
        return broken_connection(host, port, error, quiet=quiet)
    return _answered_badly(error, host, quiet=quiet)


def _answered_badly(error: BaseException, host: str, *, quiet: bool) -> FailbackError:
    from pyVmomi import vim, vmodl

    if isinstance(error, vim.fault.InvalidLogin):
        return SignInRefusedError(
            named(host), _("the user name or the password was refused"), _("check both, then sign in again")
        )
    if isinstance(error, vim.fault.NoPermission):
        return AccessDeniedError(
            named(host), denied(error), _("ask for that privilege, or sign in as somebody who has it")
        )
    if isinstance(error, vmodl.MethodFault):
        return NotReachedError(named(host), told(error), _("look at vCenter's own messages, then try again"))
    if isinstance(error, UNREADABLE):
        return NotReachedError(
            named(host),
            _("it answered something this program cannot read ({error})").format(error=_in_a_word(error, quiet=quiet)),
            _("report this together with the version of the vCenter"),
        )
    raise error


def denied(fault: Any) -> str:
    """Return the clause for a `NoPermission`, naming the privilege where vCenter does."""
    if fault.privilegeId:
        return _("this account lacks the privilege {privilege}").format(privilege=visible(fault.privilegeId))
    return _("this account may not do that")


def told(fault: Any) -> str:
    """Return the clause for any vSphere fault: its kind, and vCenter's own words where there are some."""
    kind = type(fault).__name__.rpartition(".")[2]
    words = visible((fault.msg or "").strip())
    return f"{words} ({kind})" if words else kind


def why_missing(fault: Any) -> str:
    """Return why the server would not tell a property that was asked for (`missingSet`)."""
    from pyVmomi import vim

    if isinstance(fault, vim.fault.NoPermission):
        return denied(fault)
    return _("vCenter would not tell: {fault}").format(fault=told(fault))
