-- Where every record of the journal stands, and by what it is found. Texts, numbers and answers stay in the journal.

CREATE TABLE position (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    seq INTEGER NOT NULL,           -- everything up to here is applied
    hash TEXT NOT NULL,             -- of that record: shows whether it is still the same journal
    fingerprint INTEGER NOT NULL    -- of a fixed text: shows whether the key is still the same
);

CREATE TABLE record (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,            -- microseconds since 1970, UTC
    kind TEXT NOT NULL,
    id TEXT,                        -- of the call or text it belongs to
    key INTEGER,                    -- first 8 bytes of the SHA-256 of the event's key
    number TEXT,                    -- name in the configuration
    rule TEXT,
    caller INTEGER,                 -- keyed fingerprint of the number
    segment INTEGER NOT NULL,
    place INTEGER NOT NULL,         -- byte in the segment
    length INTEGER NOT NULL
);
CREATE INDEX record_key ON record (key) WHERE key IS NOT NULL;
CREATE INDEX record_id ON record (id) WHERE id IS NOT NULL;
CREATE INDEX record_caller ON record (caller) WHERE caller IS NOT NULL;

-- The last record with a state of every call of the last days.
CREATE TABLE live (
    id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    over INTEGER NOT NULL           -- 1: the call has ended; kept so that a late record does not revive it
);
CREATE INDEX live_at ON live (at);

-- Texts on their way: names only, the text itself stands in the record `seq`.
CREATE TABLE outbox (
    key TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    id TEXT NOT NULL,
    state TEXT NOT NULL,            -- waiting | held
    kind TEXT NOT NULL,
    people TEXT NOT NULL,           -- JSON list of names
    target TEXT,
    number TEXT,
    since TEXT NOT NULL,            -- ISO 8601, UTC
    release_at TEXT
);

-- Who wants no texts from which of our numbers (STOP), or does again (START).
CREATE TABLE consent (
    number TEXT NOT NULL,
    caller INTEGER NOT NULL,
    stopped INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (number, caller)
);

-- Automatic replies of the last 24 hours, for the limits.
CREATE TABLE reply (
    at INTEGER NOT NULL,
    number TEXT NOT NULL,
    caller INTEGER NOT NULL
);
CREATE INDEX reply_at ON reply (at);
