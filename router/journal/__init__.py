"""The append-only, hash-chained journal: the one truth of what was decided and what happened."""
