"""The console: pages for people of the bureau and of township offices, on the door and nothing else."""
