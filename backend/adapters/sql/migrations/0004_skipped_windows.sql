-- Why a window could not be recognised; it has an empty list of phrases then.
ALTER TABLE windows ADD COLUMN skipped TEXT;
