-- The user whose page the telephone is. It comes and goes with the user's being a WebRTC agent, and nobody else works with it.
ALTER TABLE phone ADD COLUMN page_of TEXT REFERENCES "user" (id) ON DELETE CASCADE;
CREATE UNIQUE INDEX phone_by_page ON phone (page_of);
