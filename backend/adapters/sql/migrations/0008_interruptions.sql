-- How often a process ended while it held the job; that is no attempt.
ALTER TABLE jobs ADD COLUMN interrupted INTEGER NOT NULL DEFAULT 0;
