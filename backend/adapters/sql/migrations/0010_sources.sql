-- A passage belongs to a lecture or to a document. What both have is in one table, so that neither can take the other's name and
-- one search finds both.
ALTER TABLE lectures RENAME TO sources;
ALTER TABLE sources ADD COLUMN kind TEXT NOT NULL DEFAULT 'lecture' CHECK (kind IN ('lecture', 'document'));
ALTER TABLE deleted_lectures RENAME TO deleted_sources;
CREATE VIEW lectures AS SELECT id, owner, public, created, record, revision, indexed FROM sources WHERE kind = 'lecture';

DROP TRIGGER passage_is_found;
DROP TRIGGER passage_is_found_no_more;
ALTER TABLE passages RENAME COLUMN lecture TO source;
ALTER TABLE passage_rows RENAME COLUMN lecture TO source;
ALTER TABLE vector_blocks RENAME COLUMN lecture TO source;
-- Milliseconds of a recording, or pages of a document.
ALTER TABLE passages RENAME COLUMN from_ms TO begins;
ALTER TABLE passages RENAME COLUMN to_ms TO ends;
-- The headings it stands under, which are searched as its text is.
ALTER TABLE passages ADD COLUMN heading TEXT NOT NULL DEFAULT '';

DROP TABLE passages_fts;
CREATE VIRTUAL TABLE passages_fts USING fts5 (
    text, heading, content = 'passages', content_rowid = 'row', tokenize = 'porter unicode61 remove_diacritics 2'
);
-- Without this the words of deleted passages stay in the index until it happens to be merged.
INSERT INTO passages_fts (passages_fts, rank) VALUES ('secure-delete', 1);
INSERT INTO passages_fts (passages_fts) VALUES ('rebuild');
CREATE TRIGGER passage_is_found AFTER INSERT ON passages BEGIN
    INSERT INTO passages_fts (rowid, text, heading) VALUES (new.row, new.text, new.heading);
END;
CREATE TRIGGER passage_is_found_no_more AFTER DELETE ON passages BEGIN
    INSERT INTO passages_fts (passages_fts, rowid, text, heading) VALUES ('delete', old.row, old.text, old.heading);
END;

-- What a session is about: one source's name, or one that no source has.
ALTER TABLE sessions RENAME COLUMN lecture TO about;
