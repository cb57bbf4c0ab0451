"""Full lists: which came in whole, who stands on them, what their silence removes, words that wait."""
