-- A passage belongs to a lecture or to a document. What both have is in one table, so that neither can take the other's name and
-- one search finds both. Programs of the step before see the lectures as they did; columns that they know keep their names, so
-- `lecture` and `from_ms` also stand for a document and its pages.
ALTER TABLE lectures RENAME TO sources;
ALTER TABLE sources ADD COLUMN kind TEXT NOT NULL DEFAULT 'lecture' CHECK (kind IN ('lecture', 'document'));
CREATE VIEW lectures AS
    SELECT n, id, owner, public, state, created, record, revision, indexed, has_passages, model FROM sources WHERE kind = 'lecture';

-- The headings a passage stands under, in bytes as its text is.
ALTER TABLE passages ADD COLUMN heading BYTEA NOT NULL DEFAULT '';
