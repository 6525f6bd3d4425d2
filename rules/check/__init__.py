"""The named checks: each reads the specs and reports; none knows of another."""
