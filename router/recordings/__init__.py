"""Messages callers have left: fetched from the provider, kept in the state folder for as long as their box says."""
