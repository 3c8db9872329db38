"""Where sessions come from: the only place that knows whether a site is real or rehearsed."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from failback.errors import NotReachedError
from failback.profiles.model import Profile
from failback.progress import Cancelled, never
from failback.secrets import SecretName, SecretStore

if TYPE_CHECKING:
    from failback.azure.clients import AzureClients
    from failback.azure.sign_in import DeviceCode
    from failback.rehearsal.site import Site
    from failback.vcenter.session import VCenterSession


class Sessions(Protocol):
    """Sessions on both sides, opened on first use. Thread-safe."""

    def vcenter(self) -> VCenterSession:
        """Return the vCenter session; it signs in when it is first used, or here before a person is asked for Azure.

        Raises `FailbackError` without a secret, and where signing in here was refused.
        """
        ...

    def azure(self, cancelled: Cancelled = never) -> AzureClients:
        """Return the Azure clients, signed in. Raises `FailbackError` when that does not work or was cancelled."""
        ...

    def close(self) -> None:
        """Sign out on both sides; nothing that was not opened is touched."""
        ...


class OpenedOnce:
    """Both sides, each opened at most once, by whichever thread comes first."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._vcenter: VCenterSession | None = None
        self._azure: AzureClients | None = None
        self._vcenter_lock = threading.Lock()
        self._azure_lock = threading.Lock()

    def vcenter(self) -> VCenterSession:
        """Return the vCenter session."""
        with self._vcenter_lock:
            if self._vcenter is None:
                self._vcenter = self._open_vcenter()
            return self._vcenter

    def azure(self, cancelled: Cancelled = never) -> AzureClients:
        """Return the Azure clients."""
        with self._azure_lock:
            if self._azure is None:
                self._azure = self._open_azure(cancelled)
            return self._azure

    def close(self) -> None:
        """Sign out on both sides."""
        if self._vcenter is not None:
            self._vcenter.close()
        if self._azure is not None:
            self._azure.close()

    def _open_vcenter(self) -> VCenterSession:
        raise NotImplementedError

    def _open_azure(self, cancelled: Cancelled) -> AzureClients:
        raise NotImplementedError


class RealSessions(OpenedOnce):
    """Sessions with the vCenter and the subscription that a profile names."""

    def __init__(
        self, profile: Profile, secrets: SecretStore, show_code: Callable[[DeviceCode], None] | None = None
    ) -> None:
        """Sign in as the profile says; `show_code` is called from a worker thread for `device-code`."""
        super().__init__()
        self._profile = profile
        self._secrets = secrets
        self._show_code = show_code

    def _open_vcenter(self) -> VCenterSession:
        from failback.vcenter.connect import over_tls
        from failback.vcenter.session import VCenterSession

        where = self._profile.vcenter
        password = self._secrets.get(SecretName.VCENTER_PASSWORD, f"{where.username}@{where.host}")
        connect = over_tls(where.host, where.port, certificate_sha256=where.certificate_sha256, ca_file=where.ca_file)
        session = VCenterSession(where.host, where.username, password.reveal(), connect, port=where.port)
        if self._profile.azure.sign_in == "device-code":
            # A person types that code, once: what may end this sign-in (a certificate, a password) comes before it.
            with contextlib.suppress(NotReachedError):  # a vCenter that is down is the reader's to tell
                session.run(lambda _connection: None)
        return session

    def _open_azure(self, cancelled: Cancelled) -> AzureClients:
        from failback.azure.clients import AzureClients
        from failback.azure.cloud import cloud_of
        from failback.azure.faults import WaitCancelledError, as_error
        from failback.azure.sign_in import SignInSecrets, credential_for, transport_options
        from wizard_steps.wording import _

        settings = self._profile.azure
        cloud = cloud_of(settings)
        account = settings.client_id or settings.subscription_id
        secrets = SignInSecrets(
            client_secret=lambda: self._secrets.get(SecretName.AZURE_CLIENT_SECRET, account).reveal(),
            certificate_passphrase=lambda: (
                self._secrets.get(SecretName.AZURE_CERTIFICATE_PASSPHRASE, account).reveal() or None
            ),
        )
        credential = credential_for(settings, cloud, secrets, show_code=self._show_code)
        from azure.core.exceptions import AzureError

        try:
            credential.sign_in(cancelled)
        except (AzureError, WaitCancelledError) as error:
            raise as_error(error, _("the sign-in to Azure")) from error
        return AzureClients(credential, cloud, settings.subscription_id, transport_options=transport_options(settings))


class RehearsalSessions(OpenedOnce):
    """Sessions with the rehearsal site: the product's own, over wires that lead nowhere else."""

    def __init__(self, site: Site) -> None:
        """Sign in to `site` when asked."""
        super().__init__()
        self._site = site

    def _open_vcenter(self) -> VCenterSession:
        from failback.rehearsal.description import VCENTER
        from failback.rehearsal.site import PASSWORD, USER
        from failback.vcenter.session import VCenterSession

        wire = self._site.wire
        return VCenterSession(VCENTER, USER, PASSWORD, wire.stub, transfer=wire.guests.transfer)

    def _open_azure(self, cancelled: Cancelled) -> AzureClients:
        from failback.azure.clients import AzureClients
        from failback.azure.cloud import CLOUDS
        from failback.rehearsal.arm_transport import RehearsalCredential, WireTransport
        from failback.rehearsal.description import SUBSCRIPTION

        return AzureClients(
            RehearsalCredential(), CLOUDS["public"], SUBSCRIPTION, transport=WireTransport(self._site.arm)
        )
