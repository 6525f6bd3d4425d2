-- Who of us spoke with a caller last, for numbers that put them through to the same person again; of the last 24 hours.
CREATE TABLE spoke (
    number TEXT NOT NULL,
    caller INTEGER NOT NULL,        -- keyed fingerprint of the number
    person TEXT NOT NULL,
    at INTEGER NOT NULL,            -- microseconds since 1970, UTC
    PRIMARY KEY (number, caller)
);
CREATE INDEX spoke_at ON spoke (at);
