-- What must be sent has a life of its own now: effects and the messages made of them. The journal tells it again from the start.

DROP TABLE outbox;

-- What must be sent: names only, the words stand in the record `seq`.
CREATE TABLE effect (
    key TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    people TEXT NOT NULL,           -- JSON list of names
    target TEXT,
    number TEXT,
    since TEXT NOT NULL,            -- ISO 8601, UTC
    release_at TEXT,
    done INTEGER                    -- the record that made messages of it; NULL: it waits
);
CREATE INDEX effect_pending ON effect (seq) WHERE done IS NULL;

-- Messages; recipient and words stand in the record `queued`.
CREATE TABLE message (
    key TEXT PRIMARY KEY,
    queued INTEGER NOT NULL,
    place INTEGER NOT NULL,         -- which of that record's
    line INTEGER NOT NULL,          -- the record that put it into its lane
    last INTEGER NOT NULL,          -- the last record about it
    at INTEGER NOT NULL,            -- of that, microseconds since 1970, UTC
    phase TEXT NOT NULL,
    course TEXT NOT NULL,           -- JSON: how far it is
    reference INTEGER               -- first 8 bytes of the SHA-256 of the provider's id
);
CREATE INDEX message_phase ON message (phase) WHERE phase IN ('waiting', 'sending', 'unknown', 'dead', 'failed');
CREATE INDEX message_reference ON message (reference) WHERE reference IS NOT NULL;

DELETE FROM record;
DELETE FROM live;
DELETE FROM consent;
DELETE FROM reply;
DELETE FROM override;
DELETE FROM position;
