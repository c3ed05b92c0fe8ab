"""Amounts of money as people say them: 52亿元, 3,200万元, CNY 5.2 bn."""

from decimal import Decimal

from words.translations import Language, current_language, gettext

# Powers of ten and what they are called, largest first.
_SCALES = {
    Language.ZH_HANS: ((8, "{}亿元"), (4, "{}万元"), (0, "{}元")),
    Language.EN: ((9, "CNY {} bn"), (6, "CNY {} m"), (0, "CNY {}")),
}


def amount(yuan: int | None) -> str:
    """Say whole CNY yuan in the largest unit that fits, to the last yuan: nothing is rounded."""
    if yuan is None:
        return gettext("unknown")
    scales = _SCALES[current_language()]
    power, unit = next((each for each in scales if abs(yuan) >= 10 ** each[0]), scales[-1])
    number = Decimal(yuan).scaleb(-power).normalize()
    return unit.format(f"{number:,f}")
