"""`luodi web` and `luodi up` before anything runs; what runs then, `test_up` tries for real."""

import pytest


@pytest.mark.parametrize("command", ["web", "up"])
def test_a_wrong_setting_is_named_and_nothing_starts(luodi, monkeypatch, command):
    monkeypatch.setenv("LUODI_BASE_URL", "nowhere")

    result = luodi(command)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "LUODI_BASE_URL" in result.stderr


def test_a_setting_that_luodi_does_not_know_is_named_too(luodi, monkeypatch):
    monkeypatch.setenv("LUODI_BASE_ULR", "http://127.0.0.1:8000")

    result = luodi("web")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "LUODI_BASE_ULR" in result.stderr
