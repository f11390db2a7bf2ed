-- The names of lectures that were deleted, so that an upload or a worker that comes late does not bring one back.
CREATE TABLE deleted_lectures (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TRIGGER lecture_stays_gone AFTER DELETE ON lectures BEGIN
    INSERT INTO deleted_lectures (id) VALUES (old.id) ON CONFLICT DO NOTHING;
END;
