-- The audit log has who listened to a recording and who downloaded it: two more actions. Neither engine widens a CHECK alike, so the table is made anew.
CREATE TABLE audit_wider (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    user_id TEXT,
    by_name TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('create', 'update', 'delete', 'listen', 'download')),
    entity TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    before_body TEXT,
    after_body TEXT
);
INSERT INTO audit_wider (id, at, user_id, by_name, action, entity, entity_id, before_body, after_body)
    SELECT id, at, user_id, by_name, action, entity, entity_id, before_body, after_body FROM audit;
DROP TABLE audit;
ALTER TABLE audit_wider RENAME TO audit;
CREATE INDEX audit_by_time ON audit (at, id);
CREATE INDEX audit_by_entity ON audit (entity_id, at, id);
