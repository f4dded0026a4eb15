-- When a password was set, and whether somebody else than its owner chose it.
ALTER TABLE "user" ADD COLUMN password_set_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "user" ADD COLUMN password_given BIGINT NOT NULL DEFAULT 1 CHECK (password_given IN (0, 1));

-- The last ones a user had before: they are not taken again.
CREATE TABLE password_used (
    user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    place BIGINT NOT NULL CHECK (place > 0),
    password_hash TEXT NOT NULL,
    PRIMARY KEY (user_id, place)
);
