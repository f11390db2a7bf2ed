-- Where each part of a passage stands, as numbers. Passages that were cut before have none: parts of them are told by their length.
ALTER TABLE passages ADD COLUMN marks TEXT NOT NULL DEFAULT '';
