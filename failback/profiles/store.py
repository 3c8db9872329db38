"""The profiles of this person: found by name or by path, listed, saved, removed."""

from __future__ import annotations

import os
import re
from itertools import count
from pathlib import Path

import tomli

from failback.errors import FailbackError, ProfileError, ProfileNotFoundError
from failback.home import (
    MOST_MIB,
    create_private,
    held,
    home_folder,
    private_folder,
    read_private,
    replace_private,
)
from failback.profiles.migrating import is_older, version_of
from failback.profiles.model import Profile
from failback.profiles.reading import parse
from failback.profiles.writing import text_of
from wizard_steps.outside import visible
from wizard_steps.wording import _

SUFFIX = ".toml"
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def profile_folder() -> Path:
    """Return the folder that holds the saved profiles. Raises `HomeError`."""
    return private_folder(home_folder() / "profiles")


def path_of(name: str) -> Path:
    """Return the file a profile name stands for: a path as it is, a plain name in the profile folder.

    Raises `ProfileError` for a name that could be neither.
    """
    if name.endswith(SUFFIX) or "/" in name or os.sep in name:
        return Path(name).expanduser().absolute()
    return profile_folder() / f"{_checked_name(name)}{SUFFIX}"


def saved_profiles() -> list[str]:
    """Return the names of the saved profiles, sorted."""
    return sorted(file.stem for file in profile_folder().glob(f"*{SUFFIX}") if not file.name.startswith("."))


def load(name: str) -> Profile:
    """Return the profile of that name or path. Raises `ProfileError` or `HomeError`."""
    path = path_of(name)
    return parse(_text(path), path)


def load_named(name: str) -> Profile:
    """Return the saved profile that calls itself `name`, as plans and the journal know it. Raises `ProfileError`."""
    for file_name in saved_profiles():
        try:
            profile = load(file_name)
        except FailbackError:
            continue  # another site's file that is wrong is no reason to stop here
        if profile.name == name:
            return profile
    raise ProfileNotFoundError(
        _('profile "{name}"').format(name=visible(name)),
        _("no saved profile has this name"),
        _("name the file with --profile"),
    )


def save(profile: Profile) -> Profile:
    """Write the profile to its file in one step, mode 0600, and return it as it now stands there.

    What somebody else wrote there since it was loaded is kept where it concerns other keys, or other rows of a list
    of tables; a second wizard waits its turn. A file of an older schema is kept beside the new one. Raises
    `ProfileError` and writes nothing when it would not be valid.
    """
    path = profile.path or path_of(profile.name)
    with held(path):
        try:
            present: str | None = _text(path)
        except ProfileNotFoundError:
            present = None
        if present is not None:
            parse(present, path)  # what somebody broke meanwhile is told, not written over
        text = text_of(profile, path, present)
        saved = parse(text, path)
        if present is not None and is_older(found := tomli.loads(present)):
            _keep_beside(path, present, version_of(found) or 0)
        replace_private(path, text.encode())
    return saved


def _keep_beside(path: Path, text: str, version: int) -> None:
    """Keep a profile of an older schema under a name that no profile has; an earlier copy is not overwritten."""
    for number in count(1):
        copy = path.with_name(f"{path.name}.v{version}" + (f"-{number}" if number > 1 else ""))
        try:
            create_private(copy, text.encode())
        except FileExistsError:
            continue
        except OSError as error:
            raise ProfileError(
                _("profile {path}").format(path=path),
                _("the copy of its older form cannot be written ({reason})").format(reason=error.strerror),
                _("choose another place"),
            ) from error
        return


def create(profile: Profile) -> Profile:
    """Write a profile that does not exist yet. Raises `ProfileError` when one of that name does, or it is not valid."""
    path = profile.path or path_of(profile.name)
    text = text_of(profile, path)
    made = parse(text, path)
    try:
        create_private(path, text.encode())
    except FileExistsError:
        raise ProfileError(
            _("profile {path}").format(path=path),
            _("it exists already"),
            _("choose another name, or remove the old one with `failback profile remove`"),
        ) from None
    except OSError as error:
        raise ProfileError(
            _("profile {path}").format(path=path),
            _("it cannot be written ({reason})").format(reason=error.strerror),
            _("choose another place"),
        ) from error
    return made


def existing(name: str) -> Path:
    """Return the file of a profile, whatever is in it. Raises `ProfileError` when there is none."""
    path = path_of(name)
    if not os.path.lexists(path):
        raise _not_found(path)
    return path


def remove(name: str) -> Path:
    """Delete the file of a profile and return its path. Raises `ProfileError` when there is none."""
    path = existing(name)
    try:
        path.unlink()
    except FileNotFoundError:
        raise _not_found(path) from None
    except OSError as error:
        raise ProfileError(
            _("profile {path}").format(path=path),
            _("it cannot be removed ({reason})").format(reason=error.strerror),
            _("check the rights of its folder"),
        ) from error
    return path


def _text(path: Path) -> str:
    """Return the text of a profile's file. Raises `ProfileError` or `HomeError`."""
    try:
        return read_private(path, MOST_MIB).decode("utf-8")
    except FileNotFoundError:
        raise _not_found(path) from None
    except UnicodeDecodeError as error:
        raise ProfileError(
            _("profile {path}").format(path=path), _("it is not text in UTF-8"), _("save it as UTF-8")
        ) from error


def _not_found(path: Path) -> ProfileNotFoundError:
    return ProfileNotFoundError(
        _("profile {path}").format(path=path),
        _("there is no such file"),
        _("see the saved ones with `failback profile list`, or make one with `failback profile new`"),
    )


def _checked_name(name: str) -> str:
    if not _PLAIN_NAME.fullmatch(name):
        raise ProfileError(
            _('profile "{name}"').format(name=visible(name)),
            _("that cannot be the name of one"),
            _("use letters, digits, dots and hyphens, or the path of a .toml file"),
        )
    return name
