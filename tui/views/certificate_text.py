"""What is shown of a certificate so that a person can compare it with the server's."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from rich.text import Text

from failback.errors import CertificateChangedError
from failback.profiles.model import Profile
from wizard_steps.outside import Outside, visible
from wizard_steps.wording import _

_HALF = 48  # 16 bytes of a fingerprint in a line, so that it is read in two glances


class ShownCertificate(Protocol):
    """A certificate as `failback.vcenter.trust` describes it."""

    subject: Outside
    issuer: Outside
    not_before: datetime
    not_after: datetime
    sha256: str


def _fingerprint(text: Text, sha256: str) -> None:
    text.append(f"  {sha256[:_HALF]}\n  {sha256[_HALF:]}\n", "bold")


def first_contact(profile: Profile, certificate: ShownCertificate, why: str) -> Text:
    """Return the certificate of a vCenter that nobody vouches for; `why` is the reason, as a clause."""
    text = Text(
        _("{host} did not prove itself: {why}. It shows this:").format(host=visible(profile.vcenter.host), why=why)
        + "\n\n"
    )
    for label, value in (
        (_("of"), certificate.subject.shown()),
        (_("issued by"), certificate.issuer.shown()),
        (_("valid"), f"{certificate.not_before:%Y-%m-%d} - {certificate.not_after:%Y-%m-%d}"),
    ):
        text.append(f"{label:<11}", "bold")
        text.append(value + "\n")
    text.append(_("SHA-256 fingerprint") + "\n")
    _fingerprint(text, certificate.sha256)
    text.append("\n" + _("Compare it with the one on the server itself. No password was sent yet."))
    return text


def changed(profile: Profile, error: CertificateChangedError) -> Text:
    """Return both fingerprints of a certificate that changed."""
    text = Text(
        _(
            "{host} does not show the certificate that was pinned. It may have been renewed, or somebody may stand in"
            " between. No password was sent."
        ).format(host=visible(profile.vcenter.host))
        + "\n\n"
    )
    text.append(_("pinned") + "\n")
    _fingerprint(text, error.pinned)
    text.append(_("shown now") + "\n")
    _fingerprint(text, error.seen)
    text.append(
        "\n"
        + _(
            "Ask who runs this vCenter. Only if it was renewed: in the list of profiles press e, clear the pinned "
            "certificate and sign in again; the new one is then shown to be compared."
        )
    )
    return text
