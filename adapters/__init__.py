"""Providers' words to our words and back, and the sockets they speak through."""
