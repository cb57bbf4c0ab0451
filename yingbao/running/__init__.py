"""A platform on this machine: servers, services, keys, and what an operator looks at."""
