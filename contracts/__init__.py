"""What the services say to each other: money, identity, events, subjects, envelope.

Imports pydantic and the standard library, nothing of ours.
"""
