-- Where nobody speaks for a while, found when the file was looked at: JSON, [{"from_ms":..,"to_ms":..}]. Unknown of files looked at before.
ALTER TABLE recording_file ADD COLUMN quiet TEXT;
