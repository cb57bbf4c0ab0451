"""Lists of the insurance system: kept as sets, and asked whether somebody is enrolled."""
