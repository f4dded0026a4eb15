CREATE TABLE epoch (
    epoch BIGINT NOT NULL PRIMARY KEY,
    version TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    -- The last moment the server is known to have run: what calls cut by a crash end at.
    alive_at BIGINT NOT NULL,
    alive_mono_ms BIGINT NOT NULL
);

CREATE TABLE fact (
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    mono_ms BIGINT NOT NULL,
    type TEXT NOT NULL,
    call_id TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (epoch, seq)
);
CREATE INDEX fact_by_call ON fact (call_id, epoch, seq);
CREATE INDEX fact_by_time ON fact (at);
-- A start reads the agents' last states; they are few among all facts.
CREATE INDEX fact_agent_state ON fact (epoch, seq) WHERE type = 'agent.state';
