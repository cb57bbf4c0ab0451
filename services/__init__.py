"""The event-driven services and the door. They talk over the bus and never import one another."""
