-- Cards for revising. Who sees a pack is told as it is of sources: by its owner, for everybody, or because a class is shown it.
CREATE TABLE packs (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    public INTEGER NOT NULL,
    title TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX packs_of_owner ON packs (owner, created);
CREATE INDEX public_packs ON packs (created) WHERE public;

CREATE TABLE cards (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    pack TEXT NOT NULL REFERENCES packs (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    -- The turn it was made from, which is kept once; a card that was written by hand has none.
    session TEXT,
    query TEXT,
    record TEXT NOT NULL,
    UNIQUE (pack, id),
    UNIQUE (pack, session, query)
) STRICT;

CREATE TABLE class_packs (
    class TEXT NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
    pack TEXT NOT NULL REFERENCES packs (id) ON DELETE CASCADE,
    since INTEGER NOT NULL,
    PRIMARY KEY (class, pack)
) STRICT, WITHOUT ROWID;
CREATE INDEX classes_of_pack ON class_packs (pack);

-- Who sees a pack because a class is shown it.
CREATE VIEW shown_packs AS
    SELECT p.pack, m.person FROM class_packs p JOIN class_members m ON m.class = p.class
    UNION ALL SELECT p.pack, c.teacher AS person FROM class_packs p JOIN classes c ON c.id = p.class;
