"""A scripted day, played against the running daemon, with a provider on this machine that shows what people's phones got."""
