-- What decided an answer, repetitions, who asked for an attempt, and the commands that rules ran.

ALTER TABLE captures ADD COLUMN rule TEXT NOT NULL DEFAULT '';
-- JSON
ALTER TABLE captures ADD COLUMN retry TEXT;

-- JSON
ALTER TABLE attempts ADD COLUMN asker TEXT NOT NULL DEFAULT '"resend"';

CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    capture INTEGER NOT NULL,
    at INTEGER NOT NULL,
    rule TEXT NOT NULL,
    -- JSON
    command TEXT NOT NULL,
    outcome TEXT NOT NULL,
    stdout BLOB NOT NULL,
    stdout_total INTEGER NOT NULL,
    stderr BLOB NOT NULL,
    stderr_total INTEGER NOT NULL,
    took_us INTEGER NOT NULL
) STRICT;

CREATE INDEX runs_of_capture ON runs (capture);
