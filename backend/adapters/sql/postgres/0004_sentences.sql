-- The vectors of each passage's sentences, in eight bits; passages that were embedded before have none.
ALTER TABLE vectors ADD COLUMN parts BYTEA;
