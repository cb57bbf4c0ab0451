"""From what people write to us to an answer on the same phone: read here, decided where the registers are."""
