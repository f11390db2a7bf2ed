-- Which jobs wait for each other.
ALTER TABLE jobs ADD COLUMN lane TEXT NOT NULL DEFAULT 'arrivals';
UPDATE jobs SET lane = CASE job ->> '$.job' WHEN 'answer' THEN 'answers' WHEN 'ingest_lecture' THEN 'ingests' ELSE 'arrivals' END
    WHERE json_valid(job);
DROP INDEX jobs_open;
CREATE INDEX jobs_open ON jobs (lane, id, due) WHERE state <> 'buried';
