"""The ways by which messages leave: texts by a provider's REST, mail by SMTP, web hooks."""
