"""Everything of ours that words must know, found by importing all of it."""

import pkgutil
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from typing import TypeVar

import db
import notifications
import runtime
import state_machines
import use_cases
import words

PACKAGES = (db, notifications, runtime, state_machines, use_cases, words)
NAMES = tuple(package.__name__ for package in PACKAGES)

Class = TypeVar("Class", bound=type)


def subclasses(base: Class) -> list[Class]:
    """Return every class under `base` that is written in one of our packages."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name:
                import_module(module.name)
    ours = (each for each in _below(base) if each.__module__.partition(".")[0] in NAMES)
    return sorted(set(ours), key=lambda each: each.__name__)


def _below(base: Class) -> Iterator[Class]:
    for each in base.__subclasses__():
        yield each
        yield from _below(each)


ENUMS = subclasses(StrEnum)
