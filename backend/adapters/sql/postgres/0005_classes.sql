-- Who learns together. A code is kept as it is: its teacher reads it out again weeks later, and what it opens is in the same place.
CREATE TABLE classes (
    n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    teacher TEXT NOT NULL,
    name TEXT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    created BIGINT NOT NULL
);
CREATE INDEX classes_of_teacher ON classes (teacher, created);

CREATE TABLE class_members (
    n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    class BIGINT NOT NULL REFERENCES classes ON DELETE CASCADE,
    id TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,
    name TEXT,
    joined BIGINT NOT NULL,
    UNIQUE (class, person)
);
CREATE INDEX classes_of_member ON class_members (person, class);

CREATE TABLE class_sources (
    class BIGINT NOT NULL REFERENCES classes ON DELETE CASCADE,
    source BIGINT NOT NULL REFERENCES sources ON DELETE CASCADE,
    since BIGINT NOT NULL,
    PRIMARY KEY (class, source)
);
CREATE INDEX classes_of_source ON class_sources (source);

-- Who sees a source because a class is shown it.
CREATE VIEW shown AS
    SELECT s.source, m.person FROM class_sources s JOIN class_members m ON m.class = s.class
    UNION ALL SELECT s.source, c.teacher AS person FROM class_sources s JOIN classes c ON c.n = s.class;
