-- One row a call, written when it begins and again when it ends. Agents and queues are named by id without a foreign key:
-- a call's record outlives them.
CREATE TABLE call (
    id TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('inbound', 'outbound', 'internal', 'dialer', 'service')),
    origin TEXT NOT NULL CHECK (origin IN ('trunk', 'phone')),
    origin_id TEXT NOT NULL,
    caller TEXT NOT NULL,
    caller_name TEXT,
    called TEXT NOT NULL,
    connected TEXT,
    queue_id TEXT,
    agent_id TEXT,
    started_at BIGINT NOT NULL,
    answered_at BIGINT,
    ended_at BIGINT,
    wait_ms BIGINT NOT NULL,
    ring_ms BIGINT NOT NULL,
    talk_ms BIGINT NOT NULL,
    ended_by TEXT,
    reason TEXT,
    recording_id TEXT,
    body TEXT NOT NULL,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (reason IS NULL))
);
CREATE INDEX call_by_start ON call (started_at, id);
CREATE INDEX call_by_queue ON call (queue_id, started_at, id);
CREATE INDEX call_by_number ON call (number);
CREATE INDEX call_open ON call (id) WHERE ended_at IS NULL;

-- Which agents a call is of (who answered in it or made it); started_at is the call's, so that an agent's calls are one walk of one index.
CREATE TABLE call_agent (
    agent_id TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    call_id TEXT NOT NULL REFERENCES call (id) ON DELETE CASCADE,
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (call_id, agent_id)
);
CREATE INDEX call_agent_by_start ON call_agent (agent_id, started_at, call_id);

CREATE TABLE recording (
    id TEXT NOT NULL PRIMARY KEY,
    call_id TEXT NOT NULL REFERENCES call (id) ON DELETE CASCADE,
    file TEXT NOT NULL,
    queue_id TEXT,
    agent_id TEXT,
    caller TEXT NOT NULL,
    called TEXT NOT NULL,
    connected TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('inbound', 'outbound', 'internal', 'dialer', 'service')),
    started_at BIGINT NOT NULL,
    stopped_at BIGINT,
    -- Set when the file is whole and closed; until then the lengths are unknown.
    closed_at BIGINT,
    length_ms BIGINT,
    bytes BIGINT,
    gap_ms BIGINT,
    error TEXT,
    rating BIGINT CHECK (rating BETWEEN 1 AND 5)
);
CREATE INDEX recording_by_start ON recording (started_at, id);
CREATE INDEX recording_by_queue ON recording (queue_id, started_at, id);
CREATE INDEX recording_by_call ON recording (call_id);
CREATE INDEX recording_open ON recording (id) WHERE closed_at IS NULL;
