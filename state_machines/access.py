"""Who may work on a project: its owner, and whoever holds a post where it belongs."""

from state_machines.posts import Places, Role, Roster

CITY_WIDE_ROLES = frozenset(
    {
        Role.GENERAL_HEADQUARTERS_DIRECTOR,
        Role.PROMOTION_CENTER_HEAD,
        Role.DEPUTY_MAYOR,
        Role.ADMINISTRATOR,
    }
)


def may_work_on(person_id: int, owner_id: int | None, places: Places, roster: Roster) -> bool:
    """Say whether a person's posts, or standing in for them, give them this project."""
    if person_id == owner_id:
        return True
    own = {places.unit_code, places.headquarters_key, places.special_team_key} - {None}
    return any(
        roster.holds(person_id, post) or roster.answers(person_id, post)
        for post in roster.holders
        if post.place in own or post.role in CITY_WIDE_ROLES
    )
