"""The sheets (台账) of people, households and results, opened from the vault and sealed for the door."""
