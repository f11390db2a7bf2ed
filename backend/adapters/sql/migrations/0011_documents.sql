-- Pages as they were read; one that could not be read is kept with the reason.
CREATE TABLE pages (
    document TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (document, number)
) STRICT;

CREATE TABLE outlines (
    document TEXT PRIMARY KEY REFERENCES sources (id) ON DELETE CASCADE,
    record TEXT NOT NULL
) STRICT;

-- Vectors that wait until all of a document's are there: of each passage from `first` on how many sentences it has, its own vector and
-- theirs, little-endian.
CREATE TABLE vectors_aside (
    document TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    model TEXT NOT NULL,
    first INTEGER NOT NULL,
    dimension INTEGER NOT NULL,
    v BLOB NOT NULL,
    PRIMARY KEY (document, model, first)
) STRICT;
