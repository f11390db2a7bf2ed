-- A step must leave the programs of the step before it working: functions are replaced after it was applied, not with it.
CREATE EXTENSION IF NOT EXISTS vector;

-- Words as SQLite's porter tokeniser takes them: stemmed, and none left out for being common. The text that comes in is already
-- words of letters and digits without accents, so nothing of it looks like an address or a path to the parser.
CREATE TEXT SEARCH DICTIONARY lecture_stems (TEMPLATE = snowball, Language = english);
CREATE TEXT SEARCH CONFIGURATION lecture_words (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION lecture_words
    ALTER MAPPING FOR asciiword, word, numword, asciihword, hword, numhword, hword_asciipart, hword_part, hword_numpart
    WITH lecture_stems;

-- Records are kept as JSON in text: the type json cannot hold every character that a title can. What is searched or ordered by
-- has its own column beside it.
CREATE TABLE lectures (
    n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Compared byte by byte, as every other part of the program compares names.
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    public BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    created BIGINT NOT NULL,
    record TEXT NOT NULL,
    -- How often its words were corrected, and which of these revisions its passages and vectors hold.
    revision BIGINT NOT NULL DEFAULT 0,
    indexed BIGINT NOT NULL DEFAULT 0,
    has_passages BOOLEAN NOT NULL DEFAULT FALSE,
    -- The space of its vectors, where it has any.
    model TEXT
);
CREATE INDEX lectures_of_owner ON lectures (owner, created);
CREATE INDEX lectures_for_everyone ON lectures (created) WHERE public;
CREATE INDEX lectures_on_their_way ON lectures (created) WHERE state IN ('uploading', 'making');

-- The names of lectures that were deleted, so that an upload or a worker that comes late does not bring one back.
CREATE TABLE deleted_lectures (id TEXT COLLATE "C" PRIMARY KEY);

CREATE TABLE reports (
    lecture BIGINT PRIMARY KEY REFERENCES lectures ON DELETE CASCADE,
    record TEXT NOT NULL
);

-- The loudest sample of each stretch of a recording, one byte each.
CREATE TABLE waveforms (
    lecture BIGINT PRIMARY KEY REFERENCES lectures ON DELETE CASCADE,
    peaks BYTEA NOT NULL
);

-- A window is finished when it has phrases, even none: that is an empty list, not NULL.
CREATE TABLE windows (
    lecture BIGINT NOT NULL REFERENCES lectures ON DELETE CASCADE,
    n BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL,
    phrases TEXT,
    -- Why it could not be recognised.
    skipped TEXT,
    PRIMARY KEY (lecture, n)
);

-- A passage's text is bytes, because text cannot hold every character that was said or read.
CREATE TABLE passages (
    lecture BIGINT NOT NULL REFERENCES lectures ON DELETE CASCADE,
    at INTEGER NOT NULL,
    id TEXT NOT NULL,
    idx BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL,
    text BYTEA NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (lecture, at)
);
-- A list of what is still to be added would be read by every search until it is worked off.
CREATE INDEX passages_by_words ON passages USING gin (words) WITH (fastupdate = off);

-- The spaces that vectors were made in; one that changes its dimension is another space.
CREATE TABLE models (
    n INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    UNIQUE (name, dimension)
);

-- Vectors of length one, so that the product of two is their cosine. The index holds them at half precision; what it finds is
-- compared exactly.
CREATE TABLE vectors (
    lecture BIGINT NOT NULL REFERENCES lectures ON DELETE CASCADE,
    at INTEGER NOT NULL,
    model INTEGER NOT NULL REFERENCES models,
    dimension INTEGER NOT NULL,
    v VECTOR NOT NULL,
    PRIMARY KEY (lecture, at)
);
-- One for each dimension that the models we know have; vectors of any other are compared one by one.
CREATE INDEX vectors_256 ON vectors USING hnsw ((v::halfvec(256)) halfvec_ip_ops) WHERE dimension = 256;
CREATE INDEX vectors_384 ON vectors USING hnsw ((v::halfvec(384)) halfvec_ip_ops) WHERE dimension = 384;
CREATE INDEX vectors_512 ON vectors USING hnsw ((v::halfvec(512)) halfvec_ip_ops) WHERE dimension = 512;
CREATE INDEX vectors_768 ON vectors USING hnsw ((v::halfvec(768)) halfvec_ip_ops) WHERE dimension = 768;
CREATE INDEX vectors_1024 ON vectors USING hnsw ((v::halfvec(1024)) halfvec_ip_ops) WHERE dimension = 1024;
CREATE INDEX vectors_1536 ON vectors USING hnsw ((v::halfvec(1536)) halfvec_ip_ops) WHERE dimension = 1536;
