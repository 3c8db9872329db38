"""Give site recovery's account what it lacks: a role with just that, on the datacenter, passed on to what is below.

A permission that names an account hides what the account has there from its groups and from above. So the role holds
what failback needs and all that the account holds on the datacenter already: nothing is taken away from it. An existing
role of exactly these privileges is used; no role is ever changed, for others may have it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from failback.changes.change import Call, Change, ChangeTarget, State
from failback.changes.on_vcenter import moref, named
from failback.changes.remedy import VCENTER, CannotChange, Remedy, Shape, Verification, Weight
from failback.changes.roles_by_name import role
from wizard_steps.case import Case
from wizard_steps.classic import failback_role
from wizard_steps.outside import Outside, visible
from wizard_steps.principals import as_vcenter_writes
from wizard_steps.requirement import Finding
from wizard_steps.seen_around_machines import AccountGrant, Datacenter, Role
from wizard_steps.wording import _

ROLE: Final = "Azure_Site_Recovery"
"""The name that Microsoft's page gives the role."""
PERMISSION: Final = "permission"
_ROLE_KEY: Final = "role "
_BUILT_IN: Final = "System."
"""vCenter puts these privileges into every role by itself."""
_MANAGER: Final = moref("AuthorizationManager", "AuthorizationManager")


class GrantVCenterRole(Remedy):
    """AddAuthorizationRole where no role fits, and SetEntityPermissions."""

    id = "grant-vcenter-role"
    weight = Weight.DISRUPTIVE
    reads = VCENTER

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the datacenter in which the machines that matter lie."""
        around = case.vcenter.account_grants.value
        places = [
            one for one in case.vcenter.datacenters.value if any(one.ref == each.datacenter_ref for each in around)
        ]
        if len(places) != 1:
            names = ", ".join(one.name.shown() for one in places) or _("none")
            raise CannotChange(
                _("the machines do not lie in one datacenter ({names}): give the account the role by hand").format(
                    names=names
                )
            )
        [place] = places
        ref = f"{case.vcenter.instance_uuid.value}/{place.ref}"
        return ChangeTarget("datacenter", place.name.raw, "vcenter", ref)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Make the role where it has to be made and give it to the account; or give back what was there before."""
        place = _datacenter(case, target)
        grant = _grant(case, place)
        after = _wanted(case, grant) if wanted is None else dict(wanted)
        before = _as_it_is(case, grant, after)
        if before == after:
            raise CannotChange(_("the account's permission there is already as wanted"))
        _refuse_more(case, grant, after)
        account = Outside(grant.account).shown()
        gives = after[PERMISSION] is not None
        return Shape(
            title=(
                _("Give {account} a role on {name}") if gives else _("Take the role on {name} from {account} again")
            ).format(account=account, name=named(target)),
            before=before,
            after=after,
            calls=_calls(place, grant, before, after),
            rests_on={"account": grant.account, "holds there": sorted(_own(grant.held))},
            disturbs=_disturbs(account, target, after)
            if wanted is None or gives
            else _("the account may do less again"),
            reversible=True,
            undo=_(
                "the account gets the permission back that it had there, or none, and a role that was made for this is "
                "removed, unless somebody else got it meanwhile"
            ),
            privileges=("Authorization.ModifyPermissions", "Authorization.ModifyRoles"),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Compare permission and role, and say what the account lacks all the same."""
        grant = _grant(case, _datacenter(case, change.target))
        if _as_it_is(case, grant, change.after) != dict(change.after):
            return Verification(False, _("read again, the account's permission is not as planned"))
        lacking = failback_role.missing(case.vcenter.account_privileges.value.values())
        if not lacking:
            return Verification(True, _("the account has every privilege that failback needs"))
        return Verification(
            True,
            _(
                "the permission is as planned. On something below, the account still lacks {lacking}: vCenter may need "
                "a moment, or a permission of its own there counts instead"
            ).format(lacking=", ".join(lacking)),
        )


def _datacenter(case: Case, target: ChangeTarget) -> Datacenter:
    vcenter, _slash, ref = target.ref.rpartition("/")
    if case.vcenter.instance_uuid.value.casefold() != vcenter.casefold():
        raise CannotChange(_("it is on another vCenter than the one that was read"))
    for one in case.vcenter.datacenters.value:
        if one.ref == ref:
            return one
    raise CannotChange(_("the datacenter is no longer in this vCenter"))


def _grant(case: Case, place: Datacenter) -> AccountGrant:
    for one in case.vcenter.account_grants.value:
        if one.datacenter_ref == place.ref:
            return one
    raise CannotChange(_("what the account has on {name} was not asked").format(name=place.name.shown()))


def _own(privileges: Iterable[str]) -> frozenset[str]:
    """Return privileges without those that every role has."""
    return frozenset(one for one in privileges if not one.startswith(_BUILT_IN))


# -- what is there, and what is wanted


def _wanted(case: Case, grant: AccountGrant) -> dict[str, Any]:
    """Return permission and role as they have to be; raises `CannotChange` where that would not help or would harm."""
    if not failback_role.missing(case.vcenter.account_privileges.value.values()):
        raise CannotChange(_("the account has every privilege that failback needs"))
    privileges = failback_role.NEEDED | _own(grant.held)
    _refuse_vain_or_hiding(case, grant, privileges)
    fitting = [one for one in case.vcenter.roles.value if not one.is_system and _own(one.privileges) == privileges]
    if fitting:
        name = min(one.name.raw for one in fitting)
        return {PERMISSION: {"role": name, "propagates": True}}
    name = _free_name(case.vcenter.roles.value)
    return {PERMISSION: {"role": name, "propagates": True}, _ROLE_KEY + name: sorted(privileges)}


def _refuse_vain_or_hiding(case: Case, grant: AccountGrant, privileges: frozenset[str]) -> None:
    """Raise `CannotChange` where a permission on the datacenter changes nothing below, or hides what is held there."""
    if privileges == _own(grant.held) and (grant.role_id is None or grant.propagates):
        raise CannotChange(
            _(
                "the account holds all of it on the datacenter: a permission of its own on something below counts "
                "instead there. Mend that one by hand"
            )
        )
    below = case.vcenter.account_privileges.value.values()
    hidden = frozenset().union(*(_own(held) for held in below)) - privileges
    if hidden and grant.role_id is not None and not grant.propagates:
        raise CannotChange(
            _(
                "its permission on the datacenter is not passed on, and from above it holds {privileges} below, which "
                "a permission that is passed on would hide: decide by hand"
            ).format(privileges=", ".join(visible(one) for one in sorted(hidden)))
        )


def _refuse_more(case: Case, grant: AccountGrant, after: State) -> None:
    """Raise `CannotChange` where a plan, which is a file, gives more than is needed and was held already."""
    given = after[PERMISSION]
    if given is None:
        return
    made = after.get(_ROLE_KEY + given["role"])
    there = [one.privileges for one in case.vcenter.roles.value if one.name.raw == given["role"]]
    if made is None and not there:
        raise CannotChange(_("there is no role {name}").format(name=Outside(given["role"]).shown()))
    more = _own(there[0] if made is None else made) - failback_role.NEEDED - grant.held
    if more:
        raise CannotChange(
            _(
                "the role would give it {privileges}: failback does not need that, and it is not what it holds there"
            ).format(privileges=", ".join(visible(one) for one in sorted(more)))
        )


def _free_name(roles: Iterable[Role]) -> str:
    taken = {one.name.raw.casefold() for one in roles}
    name, number = ROLE, 1
    while name.casefold() in taken:
        number += 1
        name = f"{ROLE}_{number}"
    return name


def _as_it_is(case: Case, grant: AccountGrant, like: State) -> dict[str, Any]:
    """Return the permission, and of each role that `like` speaks of what it holds (`None`: there is none)."""
    roles = {one.name.raw: one for one in case.vcenter.roles.value}
    now: dict[str, Any] = {PERMISSION: _permission(case, grant)}
    for key in like:
        if key != PERMISSION:
            found = roles.get(key.removeprefix(_ROLE_KEY))
            now[key] = None if found is None else sorted(_own(found.privileges))
    return now


def _permission(case: Case, grant: AccountGrant) -> dict[str, Any] | None:
    if grant.role_id is None:
        return None
    for one in case.vcenter.roles.value:
        if one.id == grant.role_id:
            return {"role": one.name.raw, "propagates": grant.propagates}
    raise CannotChange(_("the role that the account has there was not among those read"))


# -- what is sent


def _calls(place: Datacenter, grant: AccountGrant, before: State, after: State) -> tuple[Call, ...]:
    """Return the calls from one state to the other: a role is made before it is given, removed when nobody has it."""
    entity = moref("Datacenter", place.ref)
    principal = grant.principal or as_vcenter_writes(grant.account)
    roles = [key for key in after if key != PERMISSION]
    made = [key for key in roles if before[key] is None]
    gone = [key for key in roles if after[key] is None]
    if any(before[key] != after[key] for key in roles if key not in (*made, *gone)):
        raise CannotChange(_("a role of that name is there, and holds something else"))
    calls = [_call("AddAuthorizationRole", name=key.removeprefix(_ROLE_KEY), privIds=list(after[key])) for key in made]
    if before[PERMISSION] != after[PERMISSION]:
        calls.append(_giving(entity, principal, after[PERMISSION]))
    calls += [
        _call("RemoveAuthorizationRole", roleId=role(key.removeprefix(_ROLE_KEY)), failIfUsed=True) for key in gone
    ]
    return tuple(calls)


def _giving(entity: dict[str, str], principal: str, then: Any) -> Call:
    """Return the call that gives a permission; it replaces the one the same account has there, and no other."""
    if then is None:
        return _call("RemoveEntityPermission", entity=entity, user=principal, isGroup=False)
    row = {
        "entity": entity,
        "principal": principal,
        "group": False,
        "roleId": role(then["role"]),
        "propagate": then["propagates"],
    }
    return _call("SetEntityPermissions", entity=entity, permission=[row])


def _call(method: str, **args: Any) -> Call:
    return Call("vcenter", method, {"_this": _MANAGER, **args})


def _disturbs(account: str, target: ChangeTarget, after: State) -> str:
    return _(
        "nothing stops. {account} may from then on do what {role} allows on everything in {name}; it keeps all that it "
        "may do there now. vCenter does not guard this call"
    ).format(account=account, name=named(target), role=Outside(after[PERMISSION]["role"]).shown())
