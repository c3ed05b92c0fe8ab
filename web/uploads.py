"""Files that people hand in: looked at, then kept under the hash of what is in them."""

import hashlib
import os
import re
import tempfile
import zipfile
from pathlib import Path
from typing import BinaryIO

from state_machines.errors import ValueRefused
from use_cases.add_evidence import StoredFile
from web.faults import TooLarge

LARGEST_FILE = 20 * 1024 * 1024
_CHUNK = 256 * 1024
LONGEST_NAME = 120

_PDF, _PNG, _JPEG = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OFFICE_TYPES = {
    "word/": f"{_OFFICE}.wordprocessingml.document",
    "xl/": f"{_OFFICE}.spreadsheetml.sheet",
    "ppt/": f"{_OFFICE}.presentationml.presentation",
}
_UNWANTED = re.compile(r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\\/:*?"<>|]')


def keep(file: BinaryIO, name: str, folder: Path) -> StoredFile:
    """Put a file away under `folder`, outside of what the web serves, and say what it is.

    What it is comes from its content, never from its name. The same content is kept once. Raises
    `TooLarge`, and `ValueRefused` for anything but PDF, PNG, JPEG, Word, Excel and PowerPoint.
    """
    media_type = media_type_of(file)
    if media_type is None:
        raise ValueRefused("file", "a PDF, a picture or an Office file", name)
    file.seek(0)
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as kept:
        try:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > LARGEST_FILE:
                    raise TooLarge
                digest.update(chunk)
                kept.write(chunk)
            kept.flush()
            os.fsync(kept.fileno())
            sha256 = digest.hexdigest()
            path_of(sha256, folder).parent.mkdir(exist_ok=True)
            os.replace(kept.name, path_of(sha256, folder))
        except BaseException:
            os.unlink(kept.name)
            raise
    return StoredFile(sha256=sha256, name=clean_name(name), size=size, media_type=media_type)


def path_of(sha256: str, folder: Path) -> Path:
    return folder / sha256[:2] / sha256


def media_type_of(file: BinaryIO) -> str | None:
    """Return what a file is by its content, or None for what we do not take."""
    file.seek(0)
    start = file.read(8)
    if start.startswith(_PDF):
        return "application/pdf"
    if start.startswith(_PNG):
        return "image/png"
    if start.startswith(_JPEG):
        return "image/jpeg"
    if start.startswith(b"PK\x03\x04"):
        return _office_type(file)
    return None


def _office_type(file: BinaryIO) -> str | None:
    """Look into the list of a zip's parts, unpacking none of them: a bomb stays packed."""
    try:
        with zipfile.ZipFile(file) as parts:
            names = parts.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in names:
        return None
    for folder, media_type in _OFFICE_TYPES.items():
        if any(each.startswith(folder) for each in names):
            return media_type
    return None


def clean_name(name: str) -> str:
    """Return a file's name without path, control or direction characters, its ending kept."""
    base = _UNWANTED.sub("_", re.split(r"[\\/]", name)[-1]).strip(" .") or "file"
    stem, dot, ending = base.rpartition(".")
    if not dot or len(ending) > 10:  # noqa: PLR2004 (no ending that we take is that long)
        return base[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
