CREATE TABLE "user" (
    id TEXT NOT NULL PRIMARY KEY,
    login TEXT NOT NULL,
    login_fold TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('agent', 'supervisor', 'admin')),
    password_hash TEXT NOT NULL,
    agent_number TEXT UNIQUE,
    agent_typology TEXT CHECK (agent_typology IN ('phonebar', 'external', 'webrtc')),
    agent_wrapup_ms BIGINT CHECK (agent_wrapup_ms >= 0),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    CHECK ((agent_number IS NULL) = (agent_typology IS NULL))
);

CREATE TABLE phone (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    ha1_md5 TEXT NOT NULL,
    ha1_sha256 TEXT NOT NULL,
    any_media_source BIGINT NOT NULL CHECK (any_media_source IN (0, 1)),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY,
    token_sha256 TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    phone_id TEXT REFERENCES phone (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_by_user ON session (user_id);
CREATE INDEX session_by_phone ON session (phone_id);
CREATE INDEX session_by_expiry ON session (expires_at);

CREATE TABLE binding (
    phone TEXT NOT NULL REFERENCES phone (name) ON DELETE CASCADE ON UPDATE CASCADE,
    contact TEXT NOT NULL,
    transport TEXT NOT NULL,
    remote TEXT NOT NULL,
    local TEXT NOT NULL,
    instance TEXT,
    call_id TEXT NOT NULL,
    cseq BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    user_agent TEXT,
    reachable BIGINT NOT NULL CHECK (reachable IN (0, 1)),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (phone, contact)
);
CREATE INDEX binding_by_expiry ON binding (expires_at);
