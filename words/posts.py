"""A post as people know it: the role, and the place that it is in."""

from state_machines.posts import GENERAL_HEADQUARTERS, MUNICIPALITY, PROMOTION_CENTER, PostKey
from words.labels import label
from words.translations import gettext

_ONE_OF_A_KIND = {GENERAL_HEADQUARTERS, MUNICIPALITY, PROMOTION_CENTER}


def post_in_words(post: PostKey, place: str | None) -> str:
    """Say a post; `place` is what its place is called, and is left out where the role names it."""
    if place is None or post.place in _ONE_OF_A_KIND:
        return label(post.role)
    return gettext("%(role)s (%(place)s)", role=label(post.role), place=place)
