"""Renew the configuration server's certificate: a job of the vault, as "Renew certificates" in the portal."""

from __future__ import annotations

from failback.changes.change import Change, ChangeTarget, State
from failback.changes.on_azure import SITE_RECOVERY, request, server_in_use, server_of
from failback.changes.on_vcenter import named
from failback.changes.remedy import AZURE, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case
from wizard_steps.requirement import Finding
from wizard_steps.wording import _

EXPIRES = "certificate expires"


class RenewCertificate(Remedy):
    """POST renewCertificate. The new certificate is good for years; the old one is gone."""

    id = "renew-certificate"
    weight = Weight.IRREVERSIBLE
    reads = AZURE

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the configuration server in use."""
        return server_in_use(case)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Renew a certificate that has an end, and that ends within the limit for a warning."""
        server = server_of(case, target)
        expires = server.certificate_expires.value
        if expires is None:
            raise CannotChange(_("Azure knows no date on which its certificate expires"))
        if (expires - case.now).days > case.limits.certificate_warn_days:
            raise CannotChange(_("its certificate is good for a long time yet"))
        return Shape(
            title=_("Renew the certificate of {name}").format(name=named(target)),
            before={EXPIRES: expires.isoformat()},
            after={EXPIRES: "later"},
            calls=(
                request("POST", f"{server.id}/renewCertificate", {"properties": {"renewCertificateType": "Cloud"}}),
            ),
            rests_on={EXPIRES: expires.isoformat()},
            disturbs=_(
                "the configuration server's services restart with the new certificate: replication through it pauses "
                "for some minutes. Azure does not guard this call"
            ),
            reversible=False,
            undo=_("the old certificate cannot be put back, and nothing needs it"),
            privileges=(f"{SITE_RECOVERY}/replicationFabrics/renewcertificate/action",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Compare the date with what it was."""
        expires = server_of(case, change.target).certificate_expires.value
        if expires is None or expires.isoformat() <= str(change.before[EXPIRES]):
            return Verification(False, _("Azure shows the old date still; refresh the configuration server"))
        return Verification(True, _("the certificate expires on {day}").format(day=f"{expires:%Y-%m-%d}"))
