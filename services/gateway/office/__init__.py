"""What officers ask: the equation, passes, problems, people, sheets, counts, explanations of bills."""
