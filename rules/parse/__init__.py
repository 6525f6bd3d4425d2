"""Marked trees into specs: shape and spelling, every mistake with its place."""
