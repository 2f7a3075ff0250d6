-- What is wrong with what captures say: codes of findings, a blank between them. A notice becomes a finding, whose code
-- its sentence tells.

ALTER TABLE captures ADD COLUMN lint TEXT NOT NULL DEFAULT '';

CREATE TEMPORARY TABLE told AS
SELECT id, CASE
    WHEN headline LIKE 'This body is an error message%' THEN 'template-error'
    WHEN headline LIKE 'This body is a Python traceback%' THEN 'traceback'
    WHEN headline LIKE 'A header of this request%' THEN 'header-template-error'
    WHEN headline LIKE 'This GET%' THEN 'redirected-get'
    WHEN headline LIKE 'The body is empty%' THEN 'empty-body'
    WHEN headline LIKE 'The content type%' THEN 'content-type'
    WHEN headline LIKE 'The body is not UTF-8%' THEN 'not-utf8'
    WHEN headline LIKE 'The body begins%' THEN 'byte-order-mark'
    ELSE 'invalid-json'
END AS code
FROM (SELECT id, json_extract(meta, '$.notice.headline') AS headline FROM details) WHERE headline IS NOT NULL;

UPDATE captures SET lint = (SELECT code FROM told WHERE told.id = captures.id)
WHERE id IN (SELECT id FROM told);

UPDATE details SET meta = json_remove(
    json_set(meta, '$.lint', json_array(json_object(
        'code', (SELECT code FROM told WHERE told.id = details.id),
        'text', json_extract(meta, '$.notice.headline'),
        'lines', json_extract(meta, '$.notice.lines')
    ))), '$.notice')
WHERE id IN (SELECT id FROM told);

DROP TABLE told;
