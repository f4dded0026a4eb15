-- How many waits of a call ended with an agent's answer, and their milliseconds in all; absent of calls from before: one, the whole wait.
ALTER TABLE call ADD COLUMN answered_waits BIGINT;
ALTER TABLE call ADD COLUMN answered_wait_ms BIGINT;

-- Since when the work of a session that took over another's goes on.
ALTER TABLE session ADD COLUMN works_since BIGINT;
