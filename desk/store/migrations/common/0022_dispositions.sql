-- How calls may be classed, in up to three levels. The parent is no foreign key: a backup writes rows in any order.
CREATE TABLE disposition (
    id TEXT NOT NULL PRIMARY KEY,
    parent_id TEXT,
    name TEXT NOT NULL,
    custom BIGINT NOT NULL CHECK (custom IN (0, 1)),
    position BIGINT NOT NULL CHECK (position >= 0),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX disposition_first_by_name ON disposition (name) WHERE parent_id IS NULL;
CREATE UNIQUE INDEX disposition_below_by_name ON disposition (parent_id, name) WHERE parent_id IS NOT NULL;

-- The queues whose calls may be given it; none: any call.
CREATE TABLE disposition_queue (
    disposition_id TEXT NOT NULL REFERENCES disposition (id) ON DELETE CASCADE,
    queue_id TEXT NOT NULL REFERENCES queue (id),
    PRIMARY KEY (disposition_id, queue_id)
);
CREATE INDEX disposition_queue_by_queue ON disposition_queue (queue_id);

-- How a call was classed: the lowest level's name, all names (a JSON list), all ids joined by a slash, what was noted, when.
ALTER TABLE call ADD COLUMN disposition TEXT;
ALTER TABLE call ADD COLUMN disposition_names TEXT;
ALTER TABLE call ADD COLUMN disposition_path TEXT;
ALTER TABLE call ADD COLUMN note TEXT;
ALTER TABLE call ADD COLUMN disposed_at BIGINT;
