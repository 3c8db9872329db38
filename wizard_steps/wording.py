"""Every text a person sees passes through here, so that it can be translated.

`_` translates now; `N_` only marks a text that is translated later, when it is shown.
"""

from __future__ import annotations

import gettext
from pathlib import Path

DOMAIN = "failback"
_translations: gettext.NullTranslations = gettext.NullTranslations()


def use_language(language: str | None, folder: Path) -> bool:
    """Speak `language` (a gettext code such as `ja`) from now on; `None` means English.

    `folder` holds `<language>/LC_MESSAGES/failback.mo`. Returns whether a translation was found;
    without one the English texts stay.
    """
    global _translations
    if language is None:
        _translations = gettext.NullTranslations()
        return True
    try:
        _translations = gettext.translation(DOMAIN, folder, languages=[language])
    except OSError:
        _translations = gettext.NullTranslations()
        return language.partition("_")[0] == "en"
    return True


def language() -> str:
    """Return the code of the language in use, as its catalogue names it."""
    return _translations.info().get("language", "en")


def _(message: str) -> str:
    """Return `message` in the language in use."""
    return _translations.gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Return the form of the message that fits `n` things."""
    return _translations.ngettext(singular, plural, n)


def N_(message: str) -> str:
    """Mark `message` for translation and return it unchanged."""
    return message
