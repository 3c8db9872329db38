"""Whether an answer is whole: a list that holds a list and leads on to its own next page, a resource that has a name.

The libraries take a body without `value` for an empty list, whatever it says, and go to whatever address `nextLink`
names. An error with status 200, a page of a proxy, half of the pages: none of them is "there is none".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from failback.azure.cloud import host_of

NAMED_OTHERWISE = frozenset({"Usage", "ResourceSku"})
"""What is in lists and is no resource: it has no id."""

_FOUND = 200


class WholePages:
    """Looks at every page of one listing, before the library does; raises `ValueError` for what is no page of it."""

    def __init__(self, host: tuple[str, int]) -> None:
        """Let pages lead on within `host` only, and to each address once."""
        self._host = host
        self._known: set[str] = set()

    def __call__(self, answer: Any) -> None:
        """Check the answer to a request, given as azure-core hands it to a `raw_response_hook`."""
        response = answer.http_response
        if response.status_code != _FOUND:
            return  # the library raises what that means
        page = response.json()
        if not isinstance(page, Mapping) or not isinstance(page.get("value"), list) or page.get("error"):
            raise ValueError("no page of a list")
        link = page.get("nextLink")
        if not link:
            return
        if not isinstance(link, str) or link in self._known or not self._leads_on(link):
            raise ValueError("a next page that is none")
        self._known.add(link)

    def _leads_on(self, link: str) -> bool:
        return link.lower().startswith("https://") and host_of(link) == self._host


def named(row: Mapping[str, Any]) -> bool:
    """Tell whether a resource says which one it is."""
    return isinstance(row.get("id"), str) and bool(row["id"])


def is_the_one(row: Mapping[str, Any], name: str) -> bool:
    """Tell whether a resource is the one that was asked for by `name`, and not an error or another in its place."""
    return named(row) and row["id"].rstrip("/").rpartition("/")[2].casefold() == name.casefold()
