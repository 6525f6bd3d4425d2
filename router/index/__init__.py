"""SQLite as a projection of the journal: search, duplicates, live calls, outbox."""
