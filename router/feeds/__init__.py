"""Calendars of people: fetched, read, kept, and told as absences."""
