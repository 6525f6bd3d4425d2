"""The rule language: text in, decisions out. Pure and synchronous; the moment, the caller and the text are arguments."""
