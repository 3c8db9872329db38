"""Linux's own key ring: secrets in the kernel's memory, for this user, gone after some hours or with a restart.

Reached through the C library of keyutils, which every distribution carries (Kerberos needs it). Containers often forbid
the calls; then the first use says so.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import os
from typing import Any, Final

from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError

KEPT_SECONDS: Final = 12 * 60 * 60
"""How long the kernel keeps a secret: a working day."""

_USER_KEYRING: Final = -4  # KEY_SPEC_USER_KEYRING: shared by all sessions of the user, also where none was set up
_OWNER_AND_POSSESSOR: Final = 0x3F3F0000  # what is kept by one session may be read by the user's next one


class KernelKeyring(KeyringBackend):
    """Keeps each secret as a key of the type `user`. Errors of the kernel are raised as `KeyringError`."""

    priority = 1.0  # a property of the class there; keyring's own choice is never used

    def __init__(self) -> None:
        """Load the library; raises `KeyringError` where there is none."""
        super().__init__()  # type: ignore[no-untyped-call]  # the library's
        name = ctypes.util.find_library("keyutils") or "libkeyutils.so.1"
        try:
            self._library: Any = ctypes.CDLL(name, use_errno=True)
        except OSError as error:
            raise KeyringError("libkeyutils cannot be loaded") from error
        self._library.add_key.restype = ctypes.c_int32
        self._library.keyctl_search.restype = ctypes.c_long
        self._library.keyctl_read.restype = ctypes.c_long

    def get_password(self, service: str, username: str) -> str | None:
        """Return a secret, or None when the kernel has none of that name (any more)."""
        key = self._library.keyctl_search(_USER_KEYRING, b"user", _description(service, username), 0)
        if key < 0:
            return self._none_or_raise()
        size = self._library.keyctl_read(key, None, 0)
        if size < 0:
            return self._none_or_raise()
        room = ctypes.create_string_buffer(size)
        if self._library.keyctl_read(key, room, size) != size:  # it expired or was replaced at this very moment
            return self._none_or_raise()
        text = room.raw[:size].decode()
        ctypes.memset(room, 0, size)
        return text

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret, in the place of the one before."""
        content = password.encode()
        key = self._library.add_key(
            b"user", _description(service, username), content, ctypes.c_size_t(len(content)), _USER_KEYRING
        )
        if key < 0:
            raise _failed()
        self._library.keyctl_setperm(key, ctypes.c_uint32(_OWNER_AND_POSSESSOR))
        if self._library.keyctl_set_timeout(key, KEPT_SECONDS) < 0:
            raise _failed()

    def delete_password(self, service: str, username: str) -> None:
        """Forget a secret."""
        key = self._library.keyctl_search(_USER_KEYRING, b"user", _description(service, username), 0)
        if key < 0 or self._library.keyctl_unlink(key, _USER_KEYRING) < 0:
            raise PasswordDeleteError("the kernel has none of that name")

    @staticmethod
    def _none_or_raise() -> None:
        if ctypes.get_errno() not in (errno.ENOKEY, errno.EKEYEXPIRED, errno.EKEYREVOKED):
            raise _failed()


def _description(service: str, username: str) -> bytes:
    return f"{service}:{username}".encode()


def _failed() -> KeyringError:
    return KeyringError(os.strerror(ctypes.get_errno()))
