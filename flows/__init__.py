"""When it happens: Prefect flows, each a schedule around one round of `runs` and nothing more."""
