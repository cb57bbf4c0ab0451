"""From a message that ought to exist to phones: one delivery a recipient, at a decent hour, once."""
