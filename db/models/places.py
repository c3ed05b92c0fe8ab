"""Units that host projects, and teams that find and push them."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class UnitKind(StrEnum):
    MUNICIPALITY = "municipality"
    DISTRICT = "district"
    COUNTY = "county"
    COUNTY_LEVEL_CITY = "county_level_city"
    DEVELOPMENT_ZONE = "development_zone"


class TeamKind(StrEnum):
    HEADQUARTERS = "headquarters"
    GENERAL_HEADQUARTERS = "general_headquarters"
    SPECIAL_TEAM = "special_team"
    PROMOTION_CENTER = "promotion_center"


class Team(Base):
    """A headquarters, a special team, the general headquarters or the promotion center."""

    __tablename__ = "teams"

    key: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[TeamKind]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    established_on: Mapped[date | None]


class Unit(Base):
    """A place that hosts projects, by its GB/T 2260 code; a development zone has one of its own."""

    __tablename__ = "units"

    code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[UnitKind]
    name_zh: Mapped[str] = mapped_column(unique=True)
    name_en: Mapped[str] = mapped_column(unique=True)
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("units.code"))
    special_team_key: Mapped[str | None] = mapped_column(ForeignKey("teams.key"))
    """The special team that tackles this unit's projects, where a project names no other."""
