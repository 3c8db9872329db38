"""Signing in to Azure: builds exactly the one credential that the profile names, never a silent chain.

The azure-identity library is imported inside the functions: it takes a third of a second, and only worker threads
call them. A secret lives in the credential and nowhere else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from failback.azure.cloud import Cloud
from failback.azure.faults import WaitCancelledError
from failback.errors import ProfileError
from failback.home import trusted_file
from failback.profiles.model import AzureSettings
from failback.progress import Cancelled, never
from wizard_steps.outside import visible
from wizard_steps.wording import _

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, AccessTokenInfo, SupportsTokenInfo, TokenRequestOptions

_Text = TypeVar("_Text", str, "str | None")

SIGN_INS = ("azure-cli", "device-code", "client-secret", "client-certificate", "managed-identity")
DEVICE_CODE_SECONDS = 900
AZURE_CLI_SECONDS = 20
CONNECT_SECONDS = 10
READ_SECONDS = 30
_NAP_SECONDS = 0.1
"""How long the operator waits at most after asking to stop."""


@dataclass(frozen=True)
class DeviceCode:
    """What a person must do to sign in by device code: open `address` and type `code` before `expires` (aware, UTC)."""

    address: str
    code: str
    expires: datetime


@dataclass(frozen=True)
class SignInSecrets:
    """What the profile does not hold: asked for, or read from the key ring or the environment. Never printed."""

    client_secret: Callable[[], str]
    certificate_passphrase: Callable[[], str | None]


class _Noted:
    """Secrets that were handed to a library, so that its words can be told without them."""

    def __init__(self, secrets: SignInSecrets) -> None:
        self._given: list[str] = []
        self.secrets = SignInSecrets(
            lambda: self._note(secrets.client_secret()), lambda: self._note(secrets.certificate_passphrase())
        )

    def _note(self, text: _Text) -> _Text:
        if text:
            self._given.append(text)
        return text

    def taken_out_of(self, words: str) -> str:
        """Return words without any of the secrets."""
        for secret in self._given:
            words = words.replace(secret, "...")
        return words


@dataclass(frozen=True)
class _Wanted:
    """What a credential is built from. Once `stop` is set nothing more is sent for it."""

    settings: AzureSettings
    cloud: Cloud
    secrets: SignInSecrets
    show_code: Callable[[DeviceCode], None] | None
    stop: threading.Event


def credential_for(
    settings: AzureSettings,
    cloud: Cloud,
    secrets: SignInSecrets,
    *,
    show_code: Callable[[DeviceCode], None] | None = None,
) -> SharedCredential:
    """Return the credential the profile names; nothing is sent yet, `SharedCredential.sign_in` does that.

    `show_code` is called from the signing-in thread for `device-code`. Raises `ProfileError` when the profile lacks
    what this kind of sign-in needs, or names a certificate that cannot be read.
    """
    build = _BUILDERS.get(settings.sign_in)
    if build is None:
        raise _profile_error(
            _('"{kind}" is not a known sign_in').format(kind=settings.sign_in),
            _("take one of {kinds}").format(kinds=", ".join(SIGN_INS)),
        )
    noted = _Noted(secrets)
    wanted = _Wanted(settings, cloud, noted.secrets, show_code, threading.Event())
    try:
        return SharedCredential(build(wanted), cloud.scope, wanted.stop, noted.taken_out_of)
    except ValueError as error:  # the libraries' word for an id or an address of the wrong form
        reason = noted.taken_out_of(str(error)).partition(". ")[0]
        raise _profile_error(
            _("the sign-in cannot be prepared: {reason}").format(reason=visible(reason)),
            _("check tenant_id, client_id and authority in the profile"),
        ) from error


class SharedCredential:
    """One credential for all clients and threads: asks for a token once, keeps it until it is about to expire.

    The libraries ask for a token per client. Without this a device code would be shown four times, and `az` run
    four times at once.
    """

    def __init__(
        self,
        credential: SupportsTokenInfo,
        scope: str,
        stop: threading.Event | None = None,
        without_secrets: Callable[[str], str] = str,
    ) -> None:
        """Share `credential`; `scope` is what `sign_in` asks for, `stop` is set when nobody waits for it any more.

        `without_secrets` takes out of an error's words what the credential was given.
        """
        self._without_secrets = without_secrets
        self._credential = credential
        self._scope = scope
        self._stop = stop or threading.Event()
        self._lock = threading.Lock()
        self._tokens: dict[tuple[tuple[str, ...], str], AccessTokenInfo] = {}

    def sign_in(self, cancelled: Cancelled = never) -> None:
        """Get the first token now; where a person has to type a code somewhere, that takes minutes.

        Raises azure-core's own errors, and `WaitCancelledError` as soon as `cancelled` says so; `faults.fault_of`
        reads them all.
        """
        errors: list[BaseException] = []

        def run() -> None:
            try:
                self.get_token_info(self._scope)
            except BaseException as error:  # noqa: BLE001 -- handed to the thread that waits for it
                errors.append(error)

        # The libraries sleep between two questions and cannot be woken: they are left behind, not waited for.
        asking = threading.Thread(target=run, name="azure-sign-in", daemon=True)
        asking.start()
        while asking.is_alive():
            asking.join(_NAP_SECONDS)
            if asking.is_alive() and cancelled():
                self._stop.set()
                raise WaitCancelledError
        if errors:
            raise errors[0]

    def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """Return a token for `scopes`, the kept one while it is good. A claims challenge always asks anew."""
        wanted = {name: value for name, value in (options or {}).items() if value}
        claims = str(wanted.get("claims", ""))
        key = (scopes, str(wanted.get("tenant_id", "")))
        with self._lock:
            kept = self._tokens.get(key)
            if kept is not None and not claims and not _expires_soon(kept):
                return kept
            fresh = self._asked(scopes, options or {})
            self._tokens[key] = fresh
            return fresh

    def _asked(self, scopes: tuple[str, ...], options: TokenRequestOptions) -> AccessTokenInfo:
        from azure.core.exceptions import AzureError

        try:
            return self._credential.get_token_info(*scopes, options=options)
        except AzureError as error:
            error.message = self._without_secrets(str(error.message))
            error.args = (error.message, *error.args[1:])
            raise

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """Return the same in azure-core's older form."""
        from azure.core.credentials import AccessToken

        wanted: Any = {name: value for name, value in options.items() if name in {"claims", "tenant_id", "enable_cae"}}
        info = self.get_token_info(*scopes, options=wanted)
        return AccessToken(info.token, info.expires_on)


def _expires_soon(token: AccessTokenInfo) -> bool:
    import time

    return token.expires_on - time.time() < 300  # noqa: PLR2004 -- five minutes, as azure-core itself does


def transport_options(settings: AzureSettings) -> dict[str, Any]:
    """Return the transport keywords of every call to Azure: time limits, trusted authorities, proxy.

    A `ca_file` takes the place of the system's authorities: it is meant for a proxy that inspects all of it.
    """
    options: dict[str, Any] = {"connection_timeout": CONNECT_SECONDS, "read_timeout": READ_SECONDS}
    if settings.ca_file:
        options["connection_verify"] = str(_readable(settings.ca_file, "ca_file"))
    if settings.proxy:
        options["proxies"] = {"http": settings.proxy, "https": settings.proxy}
    return options


def _identity_options(wanted: _Wanted) -> dict[str, Any]:
    def refuse_when_stopped(_request: object) -> None:
        if wanted.stop.is_set():
            raise WaitCancelledError

    return {
        **transport_options(wanted.settings),
        "authority": wanted.cloud.authority,
        # An authority that Microsoft does not know cannot be found through Microsoft's own directory of them.
        "disable_instance_discovery": not wanted.cloud.known_to_microsoft,
        "retry_total": 2,
        "retry_backoff_max": 5,
        "raw_request_hook": refuse_when_stopped,
    }


Build = Callable[[_Wanted], Any]


def _azure_cli(wanted: _Wanted) -> Any:
    from azure.identity import AzureCliCredential

    return AzureCliCredential(tenant_id=wanted.settings.tenant_id or "", process_timeout=AZURE_CLI_SECONDS)


def _device_code(wanted: _Wanted) -> Any:
    from azure.identity import DeviceCodeCredential

    settings, show = wanted.settings, wanted.show_code
    if show is None:
        raise _profile_error(
            _('sign_in = "device-code" needs a person to show the code to'),
            _("use the wizard, or another kind of sign-in"),
        )
    options = _identity_options(wanted)
    if settings.client_id:
        options["client_id"] = settings.client_id
    return DeviceCodeCredential(
        tenant_id=_needed(settings.tenant_id, "tenant_id", settings),
        prompt_callback=lambda address, code, expires: show(DeviceCode(address, code, expires)),
        timeout=DEVICE_CODE_SECONDS,
        **options,
    )


def _client_secret(wanted: _Wanted) -> Any:
    from azure.identity import ClientSecretCredential

    settings = wanted.settings
    return ClientSecretCredential(
        _needed(settings.tenant_id, "tenant_id", settings),
        _needed(settings.client_id, "client_id", settings),
        wanted.secrets.client_secret(),
        **_identity_options(wanted),
    )


def _client_certificate(wanted: _Wanted) -> Any:
    from azure.identity import CertificateCredential

    settings = wanted.settings
    tenant = _needed(settings.tenant_id, "tenant_id", settings)
    client = _needed(settings.client_id, "client_id", settings)
    path = _readable(_needed(str(settings.certificate_path or ""), "certificate_path", settings), "certificate_path")
    try:
        return CertificateCredential(
            tenant,
            client,
            str(path),
            password=wanted.secrets.certificate_passphrase() or None,
            **_identity_options(wanted),
        )
    except (ValueError, TypeError) as error:  # cryptography says TypeError for a passphrase too many or too few
        raise _profile_error(
            _("certificate_path names a file that is no usable certificate with a private key"),
            _("check the file and its passphrase"),
        ) from error


def _managed_identity(wanted: _Wanted) -> Any:
    from azure.identity import ManagedIdentityCredential

    return ManagedIdentityCredential(client_id=wanted.settings.client_id or None)


_BUILDERS: dict[str, Build] = {
    "azure-cli": _azure_cli,
    "device-code": _device_code,
    "client-secret": _client_secret,
    "client-certificate": _client_certificate,
    "managed-identity": _managed_identity,
}


def _needed(value: str | None, key: str, settings: AzureSettings) -> str:
    if not value:
        raise _profile_error(
            _('sign_in = "{kind}" needs {key}').format(kind=settings.sign_in, key=key),
            _("give {key} under [azure] in the profile").format(key=key),
        )
    return value


def _readable(path: Path | str, key: str) -> Path:
    try:
        found = trusted_file(Path(path))
        with found.open("rb"):
            return found
    except (OSError, RuntimeError) as error:
        raise _profile_error(
            _("{key} names a file that cannot be read").format(key=key),
            _("check the path {path}").format(path=visible(str(path))),
        ) from error


def _profile_error(why: str, next_step: str) -> ProfileError:
    return ProfileError(_("profile, section [azure]"), why, next_step)
