-- What is switched on by hand, now or later: the last record about each, which says it whole.

CREATE TABLE override (
    id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
);
