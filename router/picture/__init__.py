"""The picture of a week: one scene, drawn in the terminal, as SVG and as a page."""
