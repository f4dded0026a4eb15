-- Links that open one recording to whoever has them, until they expire or are taken back. The link's secret is nowhere here.
CREATE TABLE recording_link (
    id TEXT NOT NULL PRIMARY KEY,
    token_sha256 TEXT NOT NULL UNIQUE,
    recording_id TEXT NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
    made_by TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    opened_at BIGINT
);
CREATE INDEX recording_link_by_recording ON recording_link (recording_id, created_at);
CREATE INDEX recording_link_by_maker ON recording_link (made_by);
