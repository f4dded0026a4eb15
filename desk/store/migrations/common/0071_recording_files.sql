-- What is known of a recording's file once it was looked at: its checksum, what is wrong with it, how it is sealed, and whether it was taken elsewhere.
CREATE TABLE recording_file (
    recording_id TEXT PRIMARY KEY REFERENCES recording (id) ON DELETE CASCADE,
    sha256 TEXT,
    fault TEXT,
    sealed_by TEXT,
    checked_at BIGINT NOT NULL,
    upload_wanted BIGINT NOT NULL CHECK (upload_wanted IN (0, 1)),
    uploaded_at BIGINT
);
CREATE INDEX recording_file_to_upload ON recording_file (checked_at) WHERE upload_wanted = 1 AND uploaded_at IS NULL;
