-- Filters of lists that somebody saved under names, by person and list: JSON, [{"name":..,"search":{..}}].
CREATE TABLE saved_filter (
    user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    list TEXT NOT NULL,
    filters TEXT NOT NULL,
    PRIMARY KEY (user_id, list)
);
