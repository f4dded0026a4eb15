-- What the second step of signing in is checked against. The secret is sealed with the site's key; a code that was used is not taken again.
CREATE TABLE second_factor (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES "user" (id) ON DELETE CASCADE,
    secret TEXT NOT NULL,
    confirmed BIGINT NOT NULL CHECK (confirmed IN (0, 1)),
    last_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Codes for whoever lost the telephone, each good for once.
CREATE TABLE recovery_code (
    user_id TEXT NOT NULL REFERENCES second_factor (user_id) ON DELETE CASCADE,
    code_sha256 TEXT NOT NULL,
    PRIMARY KEY (user_id, code_sha256)
);
