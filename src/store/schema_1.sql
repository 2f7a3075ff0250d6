-- A capture is kept in two rows of the same id: what lists show is apart from the bytes, so that listing reads little.
-- Times are microseconds since 1970, UTC.

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    -- Running totals. Deleted captures that can come back count in bytes, not in captures.
    captures INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    -- The highest capture id given out when this session last got one; never given out again.
    last_id INTEGER NOT NULL DEFAULT 0,
    last_at INTEGER
) STRICT;

CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    method TEXT NOT NULL,
    target TEXT NOT NULL,
    size INTEGER NOT NULL,
    -- Bytes that it takes in this store.
    stored INTEGER NOT NULL,
    mark INTEGER NOT NULL,
    status INTEGER NOT NULL,
    title TEXT NOT NULL,
    sender TEXT,
    object_model TEXT,
    object_id TEXT,
    incomplete INTEGER NOT NULL,
    pinned INTEGER NOT NULL,
    resent_from INTEGER,
    deleted_at INTEGER,
    -- JSON
    verdict TEXT NOT NULL
) STRICT;

CREATE INDEX captures_of_session ON captures (session, id);
CREATE INDEX captures_deleted ON captures (session, deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE details (
    id INTEGER PRIMARY KEY,
    -- JSON
    meta TEXT NOT NULL,
    -- Header lines: see lines.rs.
    answer_headers BLOB,
    answer_body BLOB,
    trailers BLOB NOT NULL,
    head BLOB NOT NULL,
    framed BLOB,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    capture INTEGER NOT NULL,
    at INTEGER NOT NULL,
    url TEXT NOT NULL,
    -- JSON
    signing TEXT NOT NULL,
    edited INTEGER NOT NULL,
    -- JSON
    timing TEXT NOT NULL,
    -- Why there is no response, or the response.
    failure TEXT,
    status INTEGER,
    reason TEXT,
    body_total INTEGER,
    headers BLOB,
    body BLOB
) STRICT;

CREATE INDEX attempts_of_capture ON attempts (capture);

CREATE TABLE state (
    session INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (session, key)
) STRICT, WITHOUT ROWID;
