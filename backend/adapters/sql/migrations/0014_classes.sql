-- Who learns together. A code is kept as it is: its teacher reads it out again weeks later, and what it opens is in the same file.
CREATE TABLE classes (
    id TEXT PRIMARY KEY,
    teacher TEXT NOT NULL,
    name TEXT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX classes_of_teacher ON classes (teacher, created);

CREATE TABLE class_members (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    class TEXT NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
    id TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,
    name TEXT,
    joined INTEGER NOT NULL,
    UNIQUE (class, person)
) STRICT;
CREATE INDEX classes_of_member ON class_members (person, class);

CREATE TABLE class_sources (
    class TEXT NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
    source TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    since INTEGER NOT NULL,
    PRIMARY KEY (class, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX classes_of_source ON class_sources (source);

-- Who sees a source because a class is shown it.
CREATE VIEW shown AS
    SELECT s.source, m.person FROM class_sources s JOIN class_members m ON m.class = s.class
    UNION ALL SELECT s.source, c.teacher AS person FROM class_sources s JOIN classes c ON c.id = s.class;
