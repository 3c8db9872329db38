"""Where passwords come from: asked for, from the desktop's key ring, or from the environment. Never from a file.

A secret lives in memory for as long as the session that needs it; nothing here writes one to a disk itself.
"""

from __future__ import annotations

import enum
import getpass
import importlib
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NoReturn, Protocol

from failback.errors import SecretError
from wizard_steps.wording import N_, _

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

KEYRING_SERVICE = "failback"

# Only these are ever constructed, each by its name: keyring's own selection takes whatever is installed,
# a plaintext file among them (`keyrings.alt`), or prompts in the middle of the screen (`keyrings.cryptfile`).
TRUSTED_BACKENDS: Mapping[str, str] = {
    "linux": "keyring.backends.SecretService",
    "darwin": "keyring.backends.macOS",
    "win32": "keyring.backends.Windows",
}


class Secret:
    """A secret in memory. Printing, logging or formatting it shows nothing; only `reveal()` gives it out."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Wrap the secret."""
        self._text = text

    def reveal(self) -> str:
        """Return the secret itself, for the one call that needs it."""
        return self._text

    def __bool__(self) -> bool:
        """Return whether there is anything in it."""
        return bool(self._text)

    def __repr__(self) -> str:
        """Show that it is a secret, and nothing of it: not even its length."""
        return "Secret(...)"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied: that would carry the secret to places nobody looks after."""
        raise TypeError("a secret is not copied")

    def __eq__(self, other: object) -> bool:
        """Compare two secrets."""
        return isinstance(other, Secret) and self._text == other._text

    __hash__ = None  # type: ignore[assignment]  # a hash would be a way to guess it


class SecretName(enum.Enum):
    """The secrets this program may need. The value is also the account's prefix in the key ring."""

    VCENTER_PASSWORD = "vcenter-password"  # noqa: S105 -- a name, not a password
    AZURE_CLIENT_SECRET = "azure-client-secret"  # noqa: S105
    AZURE_CERTIFICATE_PASSPHRASE = "azure-certificate-passphrase"  # noqa: S105
    GUEST_PASSWORD = "guest-password"  # noqa: S105

    @property
    def variable(self) -> str:
        """The environment variable the `environment` store reads."""
        return "FAILBACK_" + self.name

    @property
    def may_be_empty(self) -> bool:
        """Whether having none is an answer too: the key of a client certificate need not be encrypted."""
        return self is SecretName.AZURE_CERTIFICATE_PASSPHRASE

    @property
    def title(self) -> str:
        """What a person is asked for."""
        return _(_TITLES[self])


_TITLES = {
    SecretName.VCENTER_PASSWORD: N_("password for vCenter"),
    SecretName.AZURE_CLIENT_SECRET: N_("client secret for Azure"),
    SecretName.AZURE_CERTIFICATE_PASSPHRASE: N_("passphrase of the Azure client certificate"),
    SecretName.GUEST_PASSWORD: N_("password inside the machine"),
}

Asker = Callable[[str], str]
"""Asks a person for one secret without echo; takes the prompt, returns what was typed."""


class SecretStore(Protocol):
    """Where secrets come from; one of `ask`, `keyring`, `environment`."""

    def get(self, name: SecretName, account: str) -> Secret:
        """Return the secret for `account` (`operator@vcenter.example.com`). Raises `SecretError`."""
        ...


class AskStore:
    """Asks the person at the terminal, once per account, and keeps the answer in memory only."""

    def __init__(self, asker: Asker | None = None) -> None:
        """Ask through `asker` (a dialog), or on the terminal without echo when there is none."""
        self._asker = asker
        self._known: dict[tuple[SecretName, str], Secret] = {}

    def get(self, name: SecretName, account: str) -> Secret:
        """Return what the person typed. Raises `SecretError` when there is nobody to ask."""
        key = (name, account)
        if key not in self._known:
            self._known[key] = Secret(self._ask(name, account))
        return self._known[key]

    def tell(self, name: SecretName, account: str, secret: Secret) -> None:
        """Take a secret that a screen has asked for already."""
        self._known[name, account] = secret

    def forget(self, name: SecretName, account: str) -> None:
        """Drop an answer that was refused, so that the person is asked again."""
        self._known.pop((name, account), None)

    def _ask(self, name: SecretName, account: str) -> str:
        prompt = _("{title} ({account}): ").format(title=name.title, account=account)
        if self._asker is not None:
            return self._asker(prompt)
        if not sys.stdin.isatty():
            raise SecretError(
                _("{title} ({account})").format(title=name.title, account=account),
                _("the profile says to ask for it, and there is no terminal to ask on"),
                _(
                    'run it in a terminal, or set store = "environment" under [secrets] and the variable {variable}'
                ).format(variable=name.variable),
            )
        try:
            return getpass.getpass(prompt, stream=sys.stderr)
        except EOFError as error:
            raise SecretError(
                _("{title} ({account})").format(title=name.title, account=account),
                _("nothing was typed"),
                _("run it again and type it"),
            ) from error


class EnvironmentStore:
    """Reads the variables the profile's documentation names, for scheduled runs."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """Read from `environment`, or from this process's own."""
        self._environment = os.environ if environment is None else environment

    def get(self, name: SecretName, account: str) -> Secret:
        """Return the variable's value. Raises `SecretError` when it is not set or empty."""
        text = self._environment.get(name.variable, "")
        if not text and not name.may_be_empty:
            raise SecretError(
                _("{title} ({account})").format(title=name.title, account=account),
                _("the variable {variable} is not set").format(variable=name.variable),
                _('set it, or set store = "ask" under [secrets] in the profile'),
            )
        return Secret(text)


class KeyringStore:
    """The desktop's own key ring (Secret Service, macOS Keychain, Windows Credential Manager)."""

    def __init__(self, backend: KeyringBackend | None = None) -> None:
        """Use `backend`, or this platform's own. Raises `SecretError` when it is none of the trusted ones."""
        self._backend = _platform_backend() if backend is None else backend
        _refuse_untrusted(self._backend)

    @property
    def backend_name(self) -> str:
        """Where the secrets are kept, for the screen to show."""
        return type(self._backend).__module__.rpartition(".")[2]

    def get(self, name: SecretName, account: str) -> Secret:
        """Return the stored secret. Raises `SecretError` when it is locked, broken or has none."""
        try:
            text: str | None = self._backend.get_password(KEYRING_SERVICE, _entry(name, account))
        except Exception as error:  # backends raise their own D-Bus, GTK and OS errors
            raise _keyring_error(
                _("it did not give the secret out ({kind})").format(kind=type(error).__name__)
            ) from error
        if not text and not name.may_be_empty:
            raise SecretError(
                _("{title} ({account})").format(title=name.title, account=account),
                _("the key ring has none"),
                _('keep it there under the service "{service}" and the account "{entry}"').format(
                    service=KEYRING_SERVICE, entry=_entry(name, account)
                ),
            )
        return Secret(text or "")

    def keep(self, name: SecretName, account: str, secret: Secret) -> None:
        """Put a secret into the key ring, because the operator asked for it. Raises `SecretError`."""
        try:
            self._backend.set_password(KEYRING_SERVICE, _entry(name, account), secret.reveal())
        except Exception as error:  # the same
            raise _keyring_error(_("it did not take the secret ({kind})").format(kind=type(error).__name__)) from error


def open_store(kind: str, asker: Asker | None = None) -> SecretStore:
    """Return the store a profile names: `ask`, `keyring` or `environment`. Raises `SecretError`."""
    if kind == "environment":
        return EnvironmentStore()
    if kind == "keyring":
        return KeyringStore()
    return AskStore(asker)


def _entry(name: SecretName, account: str) -> str:
    """Return the name of the key ring's entry."""
    return f"{name.value}:{account}"


def _platform_backend() -> KeyringBackend:
    """Construct this platform's key ring by name."""
    module = TRUSTED_BACKENDS.get(sys.platform)
    if module is None:
        raise _keyring_error(_("this platform has none that we trust"))
    keyring_class = {"linux": "Keyring", "darwin": "Keyring", "win32": "WinVaultKeyring"}[sys.platform]
    try:
        backend: KeyringBackend = getattr(importlib.import_module(module), keyring_class)()
        getattr(backend, "priority")  # noqa: B009 -- raises where the service cannot be reached
    except Exception as error:  # a missing D-Bus shows itself in many ways
        raise _keyring_error(str(type(error).__name__)) from error
    return backend


def _refuse_untrusted(backend: KeyringBackend) -> None:
    """Raise `SecretError` unless the backend's class is one of `TRUSTED_BACKENDS`, not just a relative of one."""
    kind = type(backend)
    if kind.__module__ not in TRUSTED_BACKENDS.values():
        raise _keyring_error(
            _("{kind} is not one that we trust to keep a secret").format(kind=f"{kind.__module__}.{kind.__qualname__}")
        )


def _keyring_error(why: str) -> SecretError:
    """Return the error for a key ring that cannot be used."""
    return SecretError(_("the key ring"), why, _('set store = "ask" (or "environment") under [secrets] in the profile'))
