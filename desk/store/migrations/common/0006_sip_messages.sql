CREATE TABLE sip_message (
    call_id TEXT NOT NULL,
    leg_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    sent BIGINT NOT NULL CHECK (sent IN (0, 1)),
    transport TEXT NOT NULL,
    local TEXT NOT NULL,
    remote TEXT NOT NULL,
    message TEXT NOT NULL
);
CREATE INDEX sip_message_by_call ON sip_message (call_id, at, seq);
CREATE INDEX sip_message_by_time ON sip_message (at);
