-- The loudest sample of each stretch of a recording, one byte each.
CREATE TABLE waveforms (
    lecture TEXT PRIMARY KEY REFERENCES lectures (id) ON DELETE CASCADE,
    peaks BLOB NOT NULL
) STRICT;
