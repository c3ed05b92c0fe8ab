"""The API: what programs may ask and do, under /api/v1, described by its own OpenAPI document."""
