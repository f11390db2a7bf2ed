-- Cards for revising. Who sees a pack is told as it is of sources: by its owner, for everybody, or because a class is shown it.
CREATE TABLE packs (
    n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    public BOOLEAN NOT NULL,
    title TEXT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX packs_of_owner ON packs (owner, created);
CREATE INDEX public_packs ON packs (created) WHERE public;

CREATE TABLE cards (
    n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pack BIGINT NOT NULL REFERENCES packs ON DELETE CASCADE,
    id TEXT NOT NULL,
    -- The turn it was made from, which is kept once; a card that was written by hand has none.
    session TEXT,
    query TEXT,
    record TEXT NOT NULL,
    UNIQUE (pack, id),
    UNIQUE (pack, session, query)
);

CREATE TABLE class_packs (
    class BIGINT NOT NULL REFERENCES classes ON DELETE CASCADE,
    pack BIGINT NOT NULL REFERENCES packs ON DELETE CASCADE,
    since BIGINT NOT NULL,
    PRIMARY KEY (class, pack)
);
CREATE INDEX classes_of_pack ON class_packs (pack);

-- Who sees a pack because a class is shown it.
CREATE VIEW shown_packs AS
    SELECT p.pack, m.person FROM class_packs p JOIN class_members m ON m.class = p.class
    UNION ALL SELECT p.pack, c.teacher AS person FROM class_packs p JOIN classes c ON c.n = p.class;
