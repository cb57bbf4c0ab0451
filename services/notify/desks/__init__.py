"""Desks: the bureau's own staff and hospitals, and what they are reminded of each month."""
