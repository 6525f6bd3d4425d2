"""Which version runs, and which time zone database it reads."""

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """Return the version installed, or `source` when it runs from a folder nobody installed."""
    try:
        return version("switchhook")
    except PackageNotFoundError:
        return "source"


def tzdata_version() -> str:
    """Return the version of the time zone database (`2026.6`): that of the `tzdata` package, `system` without it."""
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return "system"
