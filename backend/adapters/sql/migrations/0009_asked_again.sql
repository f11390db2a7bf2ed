-- The newest job that came under a leased one's key: what waits once that one ends.
ALTER TABLE jobs ADD COLUMN again TEXT;
