"""Every event of the platform as a pydantic model, by owner. Past tense, additive only."""
