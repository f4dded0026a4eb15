-- Days after which a recording of the queue's calls is removed; without one as the site keeps them.
ALTER TABLE queue ADD COLUMN keep_recordings_days BIGINT CHECK (keep_recordings_days > 0);
