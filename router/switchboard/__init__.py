"""What people have switched on by hand: overrides and absences, each with an end, each a record of the journal first."""
