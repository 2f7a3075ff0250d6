-- Which change a capture tells of: the id that all webhooks of one change share. Captures of earlier versions have none.

ALTER TABLE captures ADD COLUMN change TEXT;
