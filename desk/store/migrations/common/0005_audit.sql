-- Who changed what of the set-up. Users and entities are named without foreign keys: an entry outlives both.
CREATE TABLE audit (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    user_id TEXT,
    by_name TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('create', 'update', 'delete')),
    entity TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    before_body TEXT,
    after_body TEXT
);
CREATE INDEX audit_by_time ON audit (at, id);
CREATE INDEX audit_by_entity ON audit (entity_id, at, id);
