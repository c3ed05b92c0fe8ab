"""Collects what the code and the templates say, for the Chinese to be filled in.

    python -m words.extract            # every domain
    python -m words.extract pages      # only what the web pages say

Rewrites the domain's `.po`: new sentences come without Chinese, gone ones leave, the rest stays.
"""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

DOMAINS = {
    "words": ("words", "use_cases", "state_machines", "runtime"),
    "pages": ("web",),
    "mails": ("notifications",),
    "cli": ("cli", "runs"),
}
"""Whose sentences each `.po` holds: the folders of its domain."""

ROOT = Path(__file__).parents[1]
_METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
# A template that does not parse must fail here, not go missing.
_TEMPLATES = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}
_OPTIONS = {"**.html": _TEMPLATES, "**.txt": _TEMPLATES}


def said_in(domain: str, root: Path = ROOT) -> Catalog:
    """Return every sentence that the folders of `domain` say, without any Chinese."""
    catalogue = _empty()
    for folder in DOMAINS[domain]:
        found = extract_from_dir(root / folder, _METHODS, _OPTIONS, comment_tags=("Translators:",))
        for path, _, message, comments, context in found:
            where = f"{folder}/{path}"
            catalogue.add(message, None, [(where, 0)], auto_comments=comments, context=context)
    return catalogue


def translated(domain: str, root: Path = ROOT) -> Catalog:
    """Return the domain's sentences with their Chinese, as its `.po` has them now."""
    path = _path(domain, root)
    if not path.exists():
        return _empty()
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def update(domain: str, root: Path = ROOT) -> None:
    """Bring the domain's `.po` up to date with the source, keeping the Chinese that is there."""
    catalogue, said = translated(domain, root), said_in(domain, root)
    said.creation_date = catalogue.creation_date  # no new date, so no noise in the history
    catalogue.update(said, no_fuzzy_matching=True)
    with _path(domain, root).open("wb") as file:
        write_po(file, catalogue, width=100, include_lineno=False, ignore_obsolete=True)


def _empty() -> Catalog:
    return Catalog(
        locale="zh_Hans",
        header_comment="# What Luodi says, in Chinese.",
        project="Luodi",
        version="1",
        copyright_holder="Luodi",
        msgid_bugs_address="Luodi",
        last_translator="Luodi",
        revision_date=datetime.now(UTC),
        fuzzy=False,
    )


def _path(domain: str, root: Path) -> Path:
    return root / "words" / "locales" / "zh_Hans" / f"{domain}.po"


def main(domains: Iterable[str]) -> None:
    for domain in domains or DOMAINS:
        update(domain)


if __name__ == "__main__":
    main(sys.argv[1:])
