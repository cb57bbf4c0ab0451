"""The plumbing that every service shares, one concern a file. It knows no service and no rule."""
