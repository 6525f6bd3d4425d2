"""Plays a number's provider against the running daemon: signs, posts, reads the answers, follows them to the end."""
