r"""Names of vCenter accounts: one account is written as `user@domain` by people and as `DOMAIN\user` by vCenter."""

from __future__ import annotations


def parts_of(principal: str) -> tuple[str, str]:
    """Return domain and user of a name, case folded; the domain is empty where the name has none."""
    if "\\" in principal:
        domain, _backslash, user = principal.partition("\\")
    else:
        user, _at, domain = principal.rpartition("@") if "@" in principal else (principal, "", "")
    return domain.casefold(), user.casefold()


def is_same_principal(one: str, other: str) -> bool:
    """Tell whether two names mean the same account; a domain also answers to its first label (`CORP`)."""
    (domain, user), (other_domain, other_user) = parts_of(one), parts_of(other)
    if user != other_user:
        return False
    return domain == other_domain or (bool(domain and other_domain) and _label(domain) == _label(other_domain))


def _label(domain: str) -> str:
    return domain.partition(".")[0]


def as_vcenter_writes(principal: str) -> str:
    r"""Return a name in the form in which vCenter takes it for a permission: `DOMAIN\user`; one without stays."""
    if "\\" in principal or "@" not in principal:
        return principal
    user, _at, domain = principal.rpartition("@")
    return f"{domain.upper()}\\{user}"
