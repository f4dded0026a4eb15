-- Callers who left a queue unanswered, and who calls them back. Agents and queues are named by id without a foreign key, as in call.
CREATE TABLE abandoned_call (
    call_id TEXT NOT NULL PRIMARY KEY REFERENCES call (id) ON DELETE CASCADE,
    queue_id TEXT NOT NULL,
    caller TEXT NOT NULL,
    abandoned_at BIGINT NOT NULL,
    reserved_by TEXT,
    reserved_at BIGINT,
    -- Who reserved it last, be it released since.
    assigned_to TEXT,
    -- The newest call that was made to the caller from the list.
    redial_call_id TEXT,
    -- The call by which the same caller was served in the same queue afterwards: it is off the list.
    served_call_id TEXT,
    CHECK ((reserved_by IS NULL) = (reserved_at IS NULL))
);
CREATE INDEX abandoned_call_by_time ON abandoned_call (abandoned_at, call_id);
CREATE INDEX abandoned_call_by_queue ON abandoned_call (queue_id, abandoned_at, call_id);
CREATE INDEX abandoned_call_unserved ON abandoned_call (queue_id, caller) WHERE served_call_id IS NULL;
CREATE INDEX abandoned_call_served ON abandoned_call (served_call_id) WHERE served_call_id IS NOT NULL;
CREATE INDEX abandoned_call_redialled ON abandoned_call (redial_call_id) WHERE redial_call_id IS NOT NULL;
