-- What a log-in by the keys of a telephone is checked against: argon2's PHC text.
ALTER TABLE "user" ADD COLUMN pin_hash TEXT;
-- Whether programs and pages may make calls on the agent's telephone, where the telephone is worked by its user.
ALTER TABLE "user" ADD COLUMN agent_remote_control BIGINT NOT NULL DEFAULT 1 CHECK (agent_remote_control IN (0, 1));
-- Who holds a session: a desktop, the telephone's own program, or the keys of a telephone.
ALTER TABLE session ADD COLUMN kind TEXT NOT NULL DEFAULT 'desktop' CHECK (kind IN ('desktop', 'phonebar', 'keypad'));

-- Links that open a desktop signed in, once.
CREATE TABLE desktop_link (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);
CREATE INDEX desktop_link_by_expiry ON desktop_link (expires_at);

-- Keys of other software. A key acts as its user, as far as its scopes reach; revoked, it stays to be read.
CREATE TABLE api_key (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    hint TEXT NOT NULL,
    secret_sha256 TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX api_key_by_user ON api_key (user_id);
