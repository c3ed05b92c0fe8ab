"""`python -m flows`: run the flows on their schedules until told to stop.

Needs a Prefect server, named by `PREFECT_API_URL`: the one that Prefect starts by itself runs no
schedules.
"""

import asyncio

from prefect import aserve

from flows.deployments import deployments


async def main() -> None:
    # Stopping must not pause the schedules: after a restart, everything goes on by itself.
    await aserve(*await deployments(), pause_on_shutdown=False, print_starting_message=False)


# Every run is a process of its own, which imports this module again.
if __name__ == "__main__":
    asyncio.run(main())
