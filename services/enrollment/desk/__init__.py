"""What officers work on: problems, passes, the equation, counts, bills to look at."""
