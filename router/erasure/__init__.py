"""Somebody is erased from the state folder: what was written of them is gone, and the chain of the journal still holds."""
