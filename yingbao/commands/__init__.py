"""What a person types: each group of commands with what it prints."""
