-- The proxies between the server and a phone (RFC 3327), as requests to it name them.
ALTER TABLE binding ADD COLUMN path TEXT;
-- Whether requests that are too large for a datagram go by TCP.
ALTER TABLE trunk ADD COLUMN large_by_tcp BIGINT NOT NULL DEFAULT 0 CHECK (large_by_tcp IN (0, 1));
