"""Who looks after which township and village, when: set by the bureau, kept with its history."""
