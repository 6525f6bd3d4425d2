"""Measures switchhook against what one would use or write instead; ratios of one run, never absolute promises."""
