"""Which flow runs when. `prefect.yaml` says the same for a server with workers of its own."""

from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.chasing import chase_approvals
from flows.delivery import deliver_mail
from flows.escalation import escalate_stalled_projects

EVERY_MINUTE = Cron("* * * * *", timezone="Asia/Shanghai")

# A round that takes longer than its minute costs the next one its turn, and no queue builds up:
# the round after that finds whatever is due then.
ONE_AT_A_TIME = ConcurrencyLimitConfig(
    limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW
)


async def deployments() -> list[RunnerDeployment]:
    return [
        await each.ato_deployment(
            "every-minute",
            schedule=EVERY_MINUTE,
            concurrency_limit=ONE_AT_A_TIME,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        for each in (escalate_stalled_projects, chase_approvals, deliver_mail)
    ]
