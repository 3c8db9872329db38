"""Keep the catalogues of translatable texts in step with the code: `make translations`, checked by `make check`.

    python -m tools.translations            collect the texts, update every language, compile
    python -m tools.translations --check    say what is stale or wrong, and fail

The catalogues carry no line numbers and no dates: they change when a text changes, and only then.
"""

from __future__ import annotations

import io
import string
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
LOCALES = ROOT / "failback" / "locale"
TEMPLATE = LOCALES / "failback.pot"
PACKAGES = ("wizard_steps", "failback", "tui")
LEFT_OUT = (
    "Generated-By",
    "Language-Team",
    "Last-Translator",
    "PO-Revision-Date",
    "POT-Creation-Date",
    "Project-Id-Version",
    "Report-Msgid-Bugs-To",
)
NO_DATE = datetime(2000, 1, 1, tzinfo=timezone.utc)  # compiled catalogues have a date; this one never moves


def main(arguments: list[str]) -> int:
    """Update the catalogues, or with `--check` only say what is wrong; return the exit code."""
    if arguments == ["--check"]:
        problems = list(find_problems())
        for problem in problems:
            print(problem, file=sys.stderr)
        return 1 if problems else 0
    update()
    return 0


def collect() -> Catalog:
    """Return every text that the packages mark with `_`, `N_` or `ngettext`."""
    catalog = Catalog(project="failback-wizard", charset="utf-8", fuzzy=False, header_comment="# Texts of failback.")
    for package in PACKAGES:
        for _file, _line, ids, comments, context in extract_from_dir(
            ROOT / package, method_map=[("**.py", "python")], comment_tags=("Translators:",), strip_comment_tags=True
        ):
            catalog.add(ids, auto_comments=comments, context=context)
    return catalog


def update() -> None:
    """Write the template anew, bring every language up to date with it, and compile them."""
    template = collect()
    LOCALES.mkdir(parents=True, exist_ok=True)
    TEMPLATE.write_text(as_text(template), encoding="utf-8")
    for path in catalogue_paths():
        catalog = read(path)
        catalog.update(template, no_fuzzy_matching=True)
        path.write_text(as_text(catalog), encoding="utf-8")
        path.with_suffix(".mo").write_bytes(compiled(path))
        done = sum(1 for message in texts(catalog) if is_translated(message))
        print(f"{catalog.locale_identifier}: {done} of {len(catalog)} texts translated")


def find_problems() -> Iterator[str]:
    """Say in one sentence each what is stale or wrong in the committed catalogues."""
    expected = ids(collect())
    for path in [TEMPLATE, *catalogue_paths()]:
        name = path.relative_to(ROOT)
        if not path.is_file():
            yield f"{name} is missing: run `make translations`"
            continue
        catalog = read(path)
        yield from (
            f"{name}: not there yet: {text!r} (run `make translations`)" for text in sorted(expected - ids(catalog))
        )
        yield from (
            f"{name}: no longer used: {text!r} (run `make translations`)" for text in sorted(ids(catalog) - expected)
        )
        if path != TEMPLATE:
            yield from (f"{name}: {problem}" for problem in placeholder_problems(catalog))
            compiled_file = path.with_suffix(".mo")
            if not compiled_file.is_file() or meaning(compiled_file.read_bytes()) != meaning(compiled(path)):
                yield f"{compiled_file.relative_to(ROOT)} is not what {name} compiles to: run `make translations`"


def placeholder_problems(catalog: Catalog) -> Iterator[str]:
    """Find translations whose `{placeholders}` are not those of the English text: they would fail when shown."""
    for message in texts(catalog):
        if not is_translated(message):
            continue
        wanted = {frozenset(placeholders(text)) for text in forms(message.id)}
        for translation in forms(message.string):
            try:
                found = frozenset(placeholders(translation))
            except ValueError as error:
                yield f"{translation!r} cannot be filled in: {error}"
                continue
            if found not in wanted:
                yield f"{translation!r} names {sorted(found)}, but {forms(message.id)[-1]!r} another set of values"


def placeholders(text: str) -> Iterator[str]:
    """Return the names in braces of a format string."""
    return (name for _before, name, _spec, _conversion in string.Formatter().parse(text) if name is not None)


def forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the singular and the plural forms of a text, or its only form."""
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def texts(catalog: Catalog) -> Iterator[Message]:
    """Return the messages of a catalogue without its header."""
    return (message for message in catalog if message.id)


def ids(catalog: Catalog) -> set[str]:
    """Return the English texts of a catalogue."""
    return {forms(message.id)[0] for message in texts(catalog)}


def is_translated(message: Message) -> bool:
    """Say whether every form of a message has a translation."""
    return all(forms(message.string))


def catalogue_paths() -> list[Path]:
    """Return the catalogue of each language there is."""
    return sorted(LOCALES.glob("*/LC_MESSAGES/failback.po"))


def read(path: Path) -> Catalog:
    """Read a template, or a language whose code is the name of its folder."""
    language = None if path == TEMPLATE else path.parents[1].name
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    catalog.creation_date = catalog.revision_date = NO_DATE
    return catalog


def as_text(catalog: Catalog) -> str:
    """Return a catalogue as it is kept: sorted, without line numbers and dates."""
    written = io.BytesIO()
    write_po(written, catalog, no_location=True, sort_output=True, ignore_obsolete=True, width=120)
    lines = written.getvalue().decode("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(tuple(f'"{header}:' for header in LEFT_OUT)))


def compiled(path: Path) -> bytes:
    """Return what `gettext` reads at run time; texts without a translation are left out, so they stay English."""
    catalog = read(path)
    for message in list(texts(catalog)):
        if not is_translated(message):
            catalog.delete(message.id)
    written = io.BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def meaning(mo: bytes) -> dict[str, tuple[str, ...]]:
    """Return the texts of a compiled catalogue with their translations, without its header."""
    return {forms(message.id)[0]: forms(message.string) for message in texts(read_mo(io.BytesIO(mo)))}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
