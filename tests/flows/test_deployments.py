"""What runs when is said twice, in code and in prefect.yaml: the two say the same."""

import asyncio
from pathlib import Path

import yaml
from prefect.deployments.runner import RunnerDeployment
from prefect.flows import load_flow_from_entrypoint

from flows.deployments import deployments

PREFECT_YAML = Path(__file__).parents[2] / "prefect.yaml"


def served() -> list[RunnerDeployment]:
    return asyncio.run(deployments())


def test_the_sweep_the_chase_and_the_mail_round_run_every_minute_in_the_city_s_time():
    for each in served():
        [schedule] = each.schedules

        assert each.name == "every-minute"
        assert (schedule.schedule.cron, schedule.schedule.timezone) == (
            "* * * * *",
            "Asia/Shanghai",
        )
    assert {each.flow_name for each in served()} == {
        "escalate-stalled-projects",
        "chase-approvals",
        "deliver-mail",
    }


def test_a_round_still_running_costs_the_next_its_turn_and_no_queue_builds_up():
    for each in served():
        assert each.concurrency_limit == 1
        assert each.concurrency_options.collision_strategy == "CANCEL_NEW"


def test_prefect_yaml_deploys_what_is_served_to_the_pool_luodi():
    in_yaml = yaml.safe_load(PREFECT_YAML.read_text())["deployments"]

    assert [described(each) for each in in_yaml] == [
        {
            "flow": each.flow_name,
            "name": each.name,
            "schedules": [
                {"cron": one.schedule.cron, "timezone": one.schedule.timezone}
                for one in each.schedules
            ],
            "concurrency_limit": {
                "limit": each.concurrency_limit,
                "collision_strategy": each.concurrency_options.collision_strategy.value,
            },
        }
        for each in served()
    ]
    assert {each["work_pool"]["name"] for each in in_yaml} == {"luodi"}


def described(deployment):
    """A deployment of prefect.yaml, by the flow that its entry point leads to."""
    entry_point = PREFECT_YAML.parent / deployment["entrypoint"]
    return {
        "flow": load_flow_from_entrypoint(str(entry_point)).name,
        **{key: deployment[key] for key in ("name", "schedules", "concurrency_limit")},
    }
