"""The index: what the journal holds, projected into a database that can be searched; rebuilt from the journal at any time."""
