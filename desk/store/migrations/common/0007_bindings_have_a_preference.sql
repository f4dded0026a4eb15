-- The q of a Contact in thousandths (RFC 3261 20.10): which of a phone's places is rung first.
ALTER TABLE binding ADD COLUMN preference BIGINT NOT NULL DEFAULT 1000;
