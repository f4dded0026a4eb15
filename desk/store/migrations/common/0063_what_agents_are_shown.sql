-- The name that agents and those who are called see in place of the real one.
ALTER TABLE "user" ADD COLUMN agent_alias TEXT;
-- What of the desktop an agent is shown, a JSON list; null: everything, also what later versions bring.
ALTER TABLE "user" ADD COLUMN agent_parts TEXT NOT NULL DEFAULT 'null';
