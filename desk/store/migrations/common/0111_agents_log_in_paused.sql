-- Whether each log-in of an agent begins with the default pause.
ALTER TABLE "user" ADD COLUMN agent_logs_in_paused BIGINT NOT NULL DEFAULT 0;
-- A start reads who had paused in single queues.
CREATE INDEX fact_queue_paused ON fact (epoch, seq) WHERE type = 'agent.queue_paused';
CREATE INDEX fact_queue_resumed ON fact (epoch, seq) WHERE type = 'agent.queue_resumed';
