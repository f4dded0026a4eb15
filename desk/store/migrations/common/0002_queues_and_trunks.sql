CREATE TABLE queue (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    strategy TEXT NOT NULL CHECK (strategy IN ('longest_idle', 'ring_all')),
    offer_ms BIGINT NOT NULL CHECK (offer_ms > 0),
    wrapup_ms BIGINT NOT NULL CHECK (wrapup_ms >= 0),
    misses_pause BIGINT NOT NULL CHECK (misses_pause >= 0),
    max_wait_ms BIGINT CHECK (max_wait_ms > 0),
    max_waiting BIGINT NOT NULL CHECK (max_waiting >= 0),
    music TEXT NOT NULL,
    record BIGINT NOT NULL CHECK (record IN (0, 1)),
    consent TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE membership (
    queue_id TEXT NOT NULL REFERENCES queue (id) ON DELETE CASCADE,
    agent_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    priority BIGINT NOT NULL CHECK (priority > 0),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (queue_id, agent_id)
);
CREATE INDEX membership_by_agent ON membership (agent_id);

CREATE TABLE trunk (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    port BIGINT NOT NULL CHECK (port BETWEEN 1 AND 65535),
    transport TEXT NOT NULL CHECK (transport IN ('udp', 'tcp')),
    max_calls BIGINT NOT NULL CHECK (max_calls >= 0),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    -- An address names one trunk: who calls is told from it.
    UNIQUE (host, port, transport)
);

CREATE TABLE outbound_route (
    id TEXT NOT NULL PRIMARY KEY,
    prefix TEXT NOT NULL UNIQUE,
    trunk_id TEXT NOT NULL REFERENCES trunk (id),
    record BIGINT NOT NULL CHECK (record IN (0, 1)),
    consent TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX outbound_route_by_trunk ON outbound_route (trunk_id);

CREATE TABLE pause_reason (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    is_default BIGINT NOT NULL CHECK (is_default IN (0, 1)),
    paid BIGINT NOT NULL CHECK (paid IN (0, 1)),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX pause_reason_default ON pause_reason (is_default) WHERE is_default = 1;
