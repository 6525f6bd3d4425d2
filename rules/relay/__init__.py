"""Texts between customers and teammates: conversations, who a reply goes to, and the words people read. Pure."""
