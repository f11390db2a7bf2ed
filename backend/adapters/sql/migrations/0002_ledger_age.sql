-- When a claim was made, so that old ones can be forgotten. Of those that are there only the end is known, which is close to it.
ALTER TABLE ledger ADD COLUMN claimed INTEGER NOT NULL DEFAULT 0;
UPDATE ledger SET claimed = max(until, 0);
CREATE INDEX ledger_by_age ON ledger (claimed);
