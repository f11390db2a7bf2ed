-- How often a lecture's words were corrected, and which of these revisions its passages and vectors hold.
ALTER TABLE lectures ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lectures ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
