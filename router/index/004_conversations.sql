-- Conversations with customers: the last record about each, which says it whole.

CREATE TABLE conversation (
    id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL             -- of that record, microseconds since 1970, UTC
);
CREATE INDEX conversation_at ON conversation (at);
