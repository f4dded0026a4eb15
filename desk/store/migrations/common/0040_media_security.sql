-- How the audio of phones and trunks is kept from others.
ALTER TABLE phone ADD COLUMN media_security TEXT NOT NULL DEFAULT 'optional'
    CHECK (media_security IN ('clear', 'optional', 'required', 'required_dtls'));
ALTER TABLE trunk ADD COLUMN media_security TEXT NOT NULL DEFAULT 'optional'
    CHECK (media_security IN ('clear', 'optional', 'required', 'required_dtls'));
