"""Texts to people: what an event sets going becomes messages, with the rules in force at that moment."""
