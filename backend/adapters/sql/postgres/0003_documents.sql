-- Pages as they were read; one that could not be read is kept with the reason.
CREATE TABLE pages (
    document BIGINT NOT NULL REFERENCES sources ON DELETE CASCADE,
    number BIGINT NOT NULL,
    failed BOOLEAN NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (document, number)
);

CREATE TABLE outlines (
    document BIGINT PRIMARY KEY REFERENCES sources ON DELETE CASCADE,
    record TEXT NOT NULL
);

-- Vectors that wait until all of a document's are there: of each passage from `first` on how many sentences it has, its own vector and
-- theirs, little-endian.
CREATE TABLE vectors_aside (
    document BIGINT NOT NULL REFERENCES sources ON DELETE CASCADE,
    model TEXT NOT NULL,
    first BIGINT NOT NULL,
    dimension BIGINT NOT NULL,
    v BYTEA NOT NULL,
    PRIMARY KEY (document, model, first)
);
