"""The journal: append-only, hash-chained segments of JSON lines; the truth everything else is projected from."""
