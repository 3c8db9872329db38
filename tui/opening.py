"""Opening a site: secrets from a form, an engine from a profile, a certificate that is accepted once."""

from __future__ import annotations

from collections.abc import Mapping

from failback.errors import SecretError
from failback.profiles.model import Profile
from failback.secrets import Secret, SecretName, SecretStore, TypedOrKept, open_keyring, open_store
from wizard_steps.wording import _


class FormSecrets:
    """Secrets that were typed into the sign-in screen; in memory only, for as long as the site is open."""

    def __init__(self, typed: Mapping[SecretName, Secret]) -> None:
        self._typed = dict(typed)

    def get(self, name: SecretName, account: str) -> Secret:
        """Return what was typed. Raises `SecretError` when nothing was."""
        secret = self._typed.get(name)
        if secret is None or not (secret or name.may_be_empty):
            raise SecretError(
                _("{title} ({account})").format(title=name.title, account=account),
                _("nothing was typed"),
                _("type it and sign in again"),
            )
        return secret


def store_for(profile: Profile, typed: Mapping[SecretName, Secret]) -> SecretStore:
    """Return where the site's secrets come from. Raises `SecretError` when the key ring cannot be used."""
    if profile.secret_store == "ask":  # noqa: S105 -- the name of a store
        return FormSecrets(typed)
    if profile.secret_store == "keyring":  # noqa: S105 -- the same
        others = dict(typed)
        passphrase = others.pop(SecretName.KEYRING_PASSPHRASE, Secret(""))
        return TypedOrKept(others, open_keyring(profile.keyring, lambda: passphrase))
    return open_store(profile.secret_store)
