"""Parts of ARM ids. Azure writes them in any case; names are taken out as they stand."""

from __future__ import annotations


def part(resource_id: str, kind: str) -> str:
    """Return the name that follows `kind` in an id (`resourceGroups` -> the group's name), empty without one."""
    parts = resource_id.strip("/").split("/")
    for index, word in enumerate(parts[:-1]):
        if word.casefold() == kind.casefold():
            return parts[index + 1]
    return ""


def up_to(resource_id: str, kind: str) -> str:
    """Return the id up to and with the name that follows `kind`; empty without one."""
    parts = resource_id.strip("/").split("/")
    for index, word in enumerate(parts[:-1]):
        if word.casefold() == kind.casefold():
            return "/" + "/".join(parts[: index + 2])
    return ""


def subscription(resource_id: str) -> str:
    """Return the subscription of an id."""
    return part(resource_id, "subscriptions")


def group(resource_id: str) -> str:
    """Return the name of the resource group of an id."""
    return part(resource_id, "resourceGroups")


def name(resource_id: str) -> str:
    """Return the last part of an id."""
    return resource_id.rstrip("/").rpartition("/")[2]
