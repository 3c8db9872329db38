"""Profiles: one TOML file a site, written by a person and by the wizard, holding no secret ever.

`load`, `save`, `create`, `remove` and `saved_profiles` work on files; `Profile` and its parts are plain data.
"""

from __future__ import annotations

from failback.profiles.model import AzureSettings, Profile, VaultSettings, VCenterSettings
from failback.profiles.reading import parse
from failback.profiles.store import (
    create,
    existing,
    load,
    load_named,
    path_of,
    profile_folder,
    remove,
    save,
    saved_profiles,
)
from failback.profiles.writing import as_written, text_of

__all__ = [
    "AzureSettings",
    "Profile",
    "VCenterSettings",
    "VaultSettings",
    "as_written",
    "create",
    "existing",
    "load",
    "load_named",
    "parse",
    "path_of",
    "profile_folder",
    "remove",
    "save",
    "saved_profiles",
    "text_of",
]
