-- What an agent may dial, and on a phone nobody works with: JSON lists of rights.
ALTER TABLE "user" ADD COLUMN agent_dials TEXT NOT NULL DEFAULT '["internal","national"]';
ALTER TABLE "user" ADD COLUMN agent_caller_id TEXT;
ALTER TABLE phone ADD COLUMN auto_answer TEXT NOT NULL DEFAULT 'off' CHECK (auto_answer IN ('off', 'answer_mode', 'call_info', 'alert_info'));
ALTER TABLE phone ADD COLUMN dials TEXT NOT NULL DEFAULT '["internal"]';
ALTER TABLE queue ADD COLUMN caller_id TEXT;
ALTER TABLE trunk ADD COLUMN max_calls_per_hour BIGINT CHECK (max_calls_per_hour >= 0);
ALTER TABLE outbound_route ADD COLUMN class TEXT NOT NULL DEFAULT 'national'
    CHECK (class IN ('national', 'international', 'premium', 'emergency', 'blocked'));
ALTER TABLE outbound_route ADD COLUMN caller_id TEXT;

-- The trunks a route goes on to, in this order, when its own cannot be had.
CREATE TABLE outbound_route_fallback (
    route_id TEXT NOT NULL REFERENCES outbound_route (id) ON DELETE CASCADE,
    place BIGINT NOT NULL CHECK (place > 0),
    trunk_id TEXT NOT NULL REFERENCES trunk (id),
    PRIMARY KEY (route_id, place)
);
CREATE INDEX outbound_route_fallback_by_trunk ON outbound_route_fallback (trunk_id);
