"""How many generated people a property is tried on: ``--hypothesis-profile thorough`` for 5,000."""

from hypothesis import HealthCheck, settings

settings.register_profile("quick", max_examples=1_000, deadline=None)
settings.register_profile(
    "thorough", max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.load_profile("quick")
