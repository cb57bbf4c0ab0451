"""Desks: the bureau's own staff, hospitals and the insurer, and what they are reminded of each month."""
