"""How site recovery gets to know a new retention volume of the rehearsal site: after a while, or after a refresh."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from failback.rehearsal import description as site
from failback.rehearsal import on_premises

if TYPE_CHECKING:
    from failback.rehearsal.site import Site

LISTED_AFTER: Final = timedelta(minutes=15)


def list_soon(where: Site, target: str, volume: dict[str, Any]) -> None:
    """Let site recovery list a volume of a master target: 15 minutes from now, or when the server is refreshed."""
    due = where.clock.now() + LISTED_AFTER
    before: list[Any] = []

    def entry(body: dict[str, Any]) -> Any:
        return next(
            one for one in body["properties"]["customDetails"]["masterTargetServers"] if one.get("name") == target
        )

    def wait(body: dict[str, Any]) -> None:
        mine = entry(body)
        known = mine["retentionVolumes"]
        before.extend(known(where.clock.now()) if callable(known) else known)
        mine["retentionVolumes"] = lambda now: [*before, volume] if now >= due else list(before)

    def show(body: dict[str, Any]) -> None:
        entry(body)["retentionVolumes"] = [*before, volume]

    where.arm.edit(site.fabric_id(), wait)
    where.arm.when_refreshed(lambda arm, _fabric: arm.edit(site.fabric_id(), show))


def formatted(where: Site, moref: str, volume: Any) -> None:
    """Let site recovery list soon what a disk of a machine was made, if that machine is a master target."""
    for target in site.TARGETS:
        if on_premises.vm_ref(target.name) == moref:
            name = volume.diskPath.rstrip(":\\") if target.os == site.WINDOWS else volume.diskPath
            entry = {
                "volumeName": name,
                "capacityInBytes": volume.capacity,
                "freeSpaceInBytes": volume.freeSpace,
                "thresholdPercentage": None,
            }
            list_soon(where, target.name, entry)
