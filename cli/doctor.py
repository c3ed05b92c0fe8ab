"""`luodi doctor`: can Luodi work here, and what is still missing?"""

import typer

from cli.options import AsJson
from cli.printing import say, say_json
from cli.speech import FAILURE


def doctor(as_json: AsJson = False) -> None:
    """Print every check; exit with 1 if one of them fails."""
    from cli.checks import examined  # noqa: PLC0415 (help must not wait for it)

    checks = examined()
    ok = all(each.ok for each in checks)
    if as_json:
        said = [{"name": each.name, "ok": each.ok, "detail": each.detail} for each in checks]
        say_json({"ok": ok, "checks": said})
    else:
        for each in checks:
            say(f"{'✓' if each.ok else '✗'} {each.title}: {each.detail}")
    if not ok:
        raise typer.Exit(FAILURE)
