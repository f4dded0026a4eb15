-- A call whose recording was removed names it no more.
UPDATE call SET recording_id = NULL
    WHERE recording_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM recording WHERE recording.id = call.recording_id);
