"""Where passwords come from: asked for, from a key ring (see `keyrings`), or the environment. Never from plain text.

A secret lives in memory for as long as the session that needs it; nothing here writes one to a disk itself.
"""

from __future__ import annotations

import enum
import getpass
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NoReturn, Protocol

from failback import keyrings
from failback.errors import FailbackError, SecretError
from wizard_steps.wording import N_, _

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

KEYRING_SERVICE = "failback"


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
    KEYRING_PASSPHRASE = "keyring-passphrase"  # noqa: S105

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
    SecretName.KEYRING_PASSPHRASE: N_("passphrase of the encrypted file"),
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


_taken: dict[str, Secret] = {}
"""What `take_from_environment` found, by variable."""


def take_from_environment() -> None:
    """Move the secrets out of this process's environment: no program that it starts (`az`) inherits them."""
    for name in SecretName:
        text = os.environ.pop(name.variable, None)
        if text is not None:
            _taken[name.variable] = Secret(text)


class EnvironmentStore:
    """Reads the variables the profile's documentation names, for scheduled runs."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """Read from `environment`, or from this process's own."""
        known = {variable: secret.reveal() for variable, secret in _taken.items()} | dict(os.environ)
        self._environment = known if environment is None else environment

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
    """A key ring: the platform's own, or the one a profile names."""

    def __init__(self, backend: KeyringBackend) -> None:
        """Use `backend`. Raises `SecretError` when its class is none of the trusted ones."""
        keyrings.refuse_untrusted(backend)
        self._backend = backend

    def get(self, name: SecretName, account: str) -> Secret:
        """Return the stored secret. Raises `SecretError` when it is locked, broken or has none."""
        try:
            text: str | None = self._backend.get_password(KEYRING_SERVICE, _entry(name, account))
        except Exception as error:  # backends raise their own D-Bus, GTK and OS errors
            raise keyrings.unusable(
                _("it did not give the secret out ({kind})").format(kind=type(error).__name__)
            ) from error
        if not text and not name.may_be_empty:
            raise SecretError(
                _("{title} ({account})").format(title=name.title, account=account),
                _("the key ring has none"),
                _(
                    "type it where the wizard signs in, which keeps it there; or keep it yourself under the service "
                    '"{service}" and the account "{entry}"'
                ).format(service=KEYRING_SERVICE, entry=_entry(name, account)),
            )
        return Secret(text or "")

    def keep(self, name: SecretName, account: str, secret: Secret) -> None:
        """Put a secret into the key ring, because the operator asked for it. Raises `SecretError`."""
        try:
            self._backend.set_password(KEYRING_SERVICE, _entry(name, account), secret.reveal())
        except Exception as error:  # the same
            raise keyrings.unusable(
                _("it did not take the secret ({kind})").format(kind=type(error).__name__)
            ) from error


class TypedOrKept:
    """What was typed into a form, and the key ring for everything that was left empty there."""

    def __init__(self, typed: Mapping[SecretName, Secret], kept: KeyringStore) -> None:
        """Prefer what was typed."""
        self._typed = {name: secret for name, secret in typed.items() if secret}
        self._kept = kept
        self._used: dict[SecretName, str] = {}

    def get(self, name: SecretName, account: str) -> Secret:
        """Return what was typed, or what is kept. Raises `SecretError`."""
        if name not in self._typed:
            return self._kept.get(name, account)
        self._used[name] = account
        return self._typed[name]

    def keep_what_worked(self) -> FailbackError | None:
        """Keep what was typed and used, now that the sign-in went well; return why it could not be kept."""
        try:
            for name, account in self._used.items():
                self._kept.keep(name, account, self._typed[name])
        except SecretError as error:
            return error
        self._used.clear()
        return None


def open_store(kind: str, asker: Asker | None = None, keyring: str | None = None) -> SecretStore:
    """Return the store a profile names: `ask`, `keyring` (which one: `keyring`) or `environment`.

    Raises `SecretError`.
    """
    if kind == "environment":
        return EnvironmentStore()
    if kind == "keyring":
        return open_keyring(keyring, lambda: AskStore(asker).get(SecretName.KEYRING_PASSPHRASE, getpass.getuser()))
    return AskStore(asker)


def open_keyring(keyring: str | None, passphrase: Callable[[], Secret]) -> KeyringStore:
    """Return the key ring of that name, or this platform's own. Raises `SecretError`."""
    return KeyringStore(keyrings.construct(keyrings.kind_of(keyring), lambda: passphrase().reveal()))


def _entry(name: SecretName, account: str) -> str:
    """Return the name of the key ring's entry."""
    return f"{name.value}:{account}"
