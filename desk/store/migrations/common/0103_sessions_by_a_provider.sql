-- Whether a session was opened by the site's provider and not by a password of ours.
ALTER TABLE session ADD COLUMN by_provider BIGINT NOT NULL DEFAULT 0 CHECK (by_provider IN (0, 1));
