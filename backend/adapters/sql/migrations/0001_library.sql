-- 'SynS': says whose file this is, so that another program's database is never migrated by mistake.
PRAGMA application_id = 1400467027;

-- Records are kept as JSON; what is searched or ordered by has its own column beside it.
CREATE TABLE lectures (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    public INTEGER NOT NULL,
    created INTEGER NOT NULL,
    record TEXT NOT NULL
) STRICT;
CREATE INDEX lectures_of_owner ON lectures (owner, created);
CREATE INDEX lectures_for_everyone ON lectures (public, created);

CREATE TABLE reports (
    lecture TEXT PRIMARY KEY REFERENCES lectures (id) ON DELETE CASCADE,
    record TEXT NOT NULL
) STRICT;

-- A window is finished when it has phrases, even none: that is an empty list, not NULL.
CREATE TABLE windows (
    lecture TEXT NOT NULL REFERENCES lectures (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    phrases TEXT,
    PRIMARY KEY (lecture, n)
) STRICT, WITHOUT ROWID;

-- A lecture's passages are written in one transaction, so its rows are one unbroken range. AUTOINCREMENT keeps the row
-- of a passage that is gone from ever naming another one.
CREATE TABLE passages (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    lecture TEXT NOT NULL REFERENCES lectures (id) ON DELETE CASCADE,
    idx INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX passages_of_lecture ON passages (lecture, idx);

-- The range of each lecture's rows, so that a row's lecture is known without looking at the row.
CREATE TABLE passage_rows (
    lecture TEXT PRIMARY KEY REFERENCES lectures (id) ON DELETE CASCADE,
    first_row INTEGER NOT NULL UNIQUE,
    last_row INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE passages_fts USING fts5 (
    text, content = 'passages', content_rowid = 'row', tokenize = 'porter unicode61 remove_diacritics 2'
);
-- Without this the words of deleted passages stay in the index until it happens to be merged.
INSERT INTO passages_fts (passages_fts, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER passage_is_found AFTER INSERT ON passages BEGIN
    INSERT INTO passages_fts (rowid, text) VALUES (new.row, new.text);
END;
CREATE TRIGGER passage_is_found_no_more AFTER DELETE ON passages BEGIN
    INSERT INTO passages_fts (passages_fts, rowid, text) VALUES ('delete', old.row, old.text);
END;

-- The exact vectors, little-endian float32.
CREATE TABLE vectors (
    row INTEGER PRIMARY KEY REFERENCES passages (row) ON DELETE CASCADE,
    v BLOB NOT NULL
) STRICT;

-- The same vectors of one lecture in two times eight bits, packed so that all lectures load in one sweep.
CREATE TABLE vector_blocks (
    lecture TEXT PRIMARY KEY REFERENCES lectures (id) ON DELETE CASCADE,
    model TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    codes BLOB NOT NULL
) STRICT;

-- Moves whenever what a search may find has changed, so that every process knows when to refresh what it keeps in memory.
CREATE TABLE search_state (generation INTEGER NOT NULL) STRICT;
INSERT INTO search_state (generation) VALUES (1);

CREATE TRIGGER lecture_is_shown_to_others AFTER UPDATE OF owner, public ON lectures
WHEN old.owner <> new.owner OR old.public <> new.public BEGIN
    UPDATE search_state SET generation = generation + 1;
END;
CREATE TRIGGER lecture_is_gone AFTER DELETE ON lectures BEGIN
    UPDATE search_state SET generation = generation + 1;
END;

-- A session goes with its lecture: its answers quote what was said in it.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    lecture TEXT NOT NULL,
    active INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    record TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_of_owner ON sessions (owner, active);
CREATE INDEX sessions_of_lecture ON sessions (lecture);
CREATE INDEX sessions_by_end ON sessions (expires);
CREATE TRIGGER lecture_takes_its_sessions AFTER DELETE ON lectures BEGIN
    DELETE FROM sessions WHERE lecture = old.id;
END;

CREATE TABLE turns (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    query TEXT NOT NULL,
    asked INTEGER NOT NULL,
    final INTEGER NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (session, query)
) STRICT;

CREATE TABLE ledger (
    key TEXT PRIMARY KEY,
    ord TEXT NOT NULL,
    -- NULL while it is being done, else what came of it.
    note TEXT,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    job TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'leased', 'buried')),
    -- When it is due; of a leased job, when the lease ends.
    due INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    reason TEXT
) STRICT;
CREATE UNIQUE INDEX jobs_once ON jobs (key) WHERE state <> 'buried';
CREATE INDEX jobs_open ON jobs (id, due) WHERE state <> 'buried';
