-- Captures whose answer is still being made or played, and the hookview that does: see owner.rs.

CREATE TABLE under_way (
    capture INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL
) STRICT;

-- What earlier versions left behind, nobody does any more.
INSERT INTO under_way
SELECT id, 0 FROM details
WHERE json_extract(meta, '$.problem') IS NULL AND (
    json_extract(meta, '$.answer') IS NULL
    OR json_extract(meta, '$.answer.play') IS NOT NULL AND json_extract(meta, '$.answer.ending') IS NULL
);
