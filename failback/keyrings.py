"""The key rings that may keep a secret: each constructed by its name, every other refused by its class.

keyring's own selection is never asked: it takes whatever is installed, a plaintext file among them (`keyrings.alt`),
or prompts in the middle of the screen (`keyrings.cryptfile`).
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from failback.errors import SecretError
from wizard_steps.wording import N_, _

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

Passphrase = Callable[[], str]
"""Asks for the passphrase of the encrypted file."""


@dataclass(frozen=True)
class KeyringKind:
    """One key ring: its class, and in words for the operator where it keeps what it is given."""

    module: str
    name: str
    where: str
    platform: str = ""  # as `sys.platform` says it; empty: all
    has_passphrase: bool = False


KINDS: Final[Mapping[str, KeyringKind]] = {
    "secret-service": KeyringKind(
        "keyring.backends.SecretService",
        "Keyring",
        N_("the Secret Service of this desktop session (GNOME Keyring, KWallet)"),
        "linux",
    ),
    "macos": KeyringKind("keyring.backends.macOS", "Keyring", N_("the macOS Keychain of this user"), "darwin"),
    "windows": KeyringKind(
        "keyring.backends.Windows", "WinVaultKeyring", N_("the Windows Credential Manager of this user"), "win32"
    ),
    "encrypted-file": KeyringKind(
        "keyrings.cryptfile.cryptfile",
        "CryptFileKeyring",
        N_("the file {file}, encrypted with a passphrase of yours"),
        has_passphrase=True,
    ),
    "kernel": KeyringKind(
        "failback.kernel_keyring",
        "KernelKeyring",
        N_("the memory of the kernel, for 12 hours at most and until a restart"),
        "linux",
    ),
}
"""By the words of a profile: `[secrets] keyring = "..."`."""

TRUSTED: Final = frozenset((one.module, one.name) for one in KINDS.values())
"""The classes that may be used, by module and name."""


def kind_of(name: str | None) -> str:
    """Return the key ring a profile means: the one it names, or this platform's own. Raises `SecretError`."""
    if name is not None:
        return name
    for known, kind in KINDS.items():
        if kind.platform == sys.platform:
            return known
    raise unusable(_("this platform has none that we trust"))


def where(name: str) -> str:
    """Return in words where that key ring keeps what it is given, for the screen to show beforehand."""
    return _(KINDS[name].where).format(file=encrypted_file()) if "{file}" in KINDS[name].where else _(KINDS[name].where)


def construct(name: str, passphrase: Passphrase) -> KeyringBackend:
    """Construct a key ring by its name. Raises `SecretError` where it does not run, or is locked for us."""
    kind = KINDS[name]
    if kind.platform not in ("", sys.platform):
        raise unusable(_("{name} does not exist on this platform").format(name=name))
    try:
        backend: Any = getattr(importlib.import_module(kind.module), kind.name)()
        getattr(backend, "priority")  # noqa: B009 -- raises where the service cannot be reached
    except ModuleNotFoundError as error:
        raise unusable(
            _("its library is not installed (pip install 'failback-wizard[encrypted-file]')")
            if kind.has_passphrase
            else _("its library is not installed")
        ) from error
    except Exception as error:  # a missing D-Bus shows itself in many ways
        raise unusable(str(type(error).__name__)) from error
    refuse_untrusted(backend)
    if kind.has_passphrase:
        _open_file(backend, passphrase)
    return backend  # type: ignore[no-any-return]  # found by name


def refuse_untrusted(backend: KeyringBackend) -> None:
    """Raise `SecretError` unless the backend's class is one of `TRUSTED` itself, not just a relative of one."""
    kind = type(backend)
    if (kind.__module__, kind.__qualname__) not in TRUSTED:
        raise unusable(
            _("{kind} is not one that we trust to keep a secret").format(kind=f"{kind.__module__}.{kind.__qualname__}")
        )


def encrypted_file() -> Path:
    """Return where the encrypted file is, or would be."""
    from failback.home import home_folder

    return home_folder() / "secrets" / "keyring.cfg"


def _open_file(backend: Any, passphrase: Passphrase) -> None:
    """Unlock the encrypted file, or make it: in a folder and with a mode that keep everybody else out."""
    from failback.home import create_private, private_folder, read_private

    path = encrypted_file()
    private_folder(path.parent)
    if not os.path.lexists(path):
        create_private(path, b"")
    read_private(path)  # for what it refuses: somebody else's file, a link, a mode that lets others write
    backend.file_path = str(path)
    try:
        backend.keyring_key = passphrase()
    except (AssertionError, ValueError) as error:
        raise SecretError(
            _("the encrypted file {file}").format(file=path),
            _("this is not its passphrase"),
            _("type it again; a forgotten one cannot be had back, only the file removed"),
        ) from error


def unusable(why: str) -> SecretError:
    """Return the error for a key ring that cannot be used."""
    return SecretError(_("the key ring"), why, _('set store = "ask" (or "environment") under [secrets] in the profile'))
