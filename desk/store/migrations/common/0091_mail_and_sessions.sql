-- Where mail to a user goes, and the links that set a forgotten password: one a user. The link's secret is nowhere here.
ALTER TABLE "user" ADD COLUMN email TEXT;
ALTER TABLE "user" ADD COLUMN email_fold TEXT;
CREATE UNIQUE INDEX user_by_email ON "user" (email_fold);

CREATE TABLE password_link (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES "user" (id) ON DELETE CASCADE,
    token_sha256 TEXT NOT NULL UNIQUE,
    expires_at BIGINT NOT NULL
);

-- Where a session was opened from and by which program, for the list its owner sees.
ALTER TABLE session ADD COLUMN address TEXT;
ALTER TABLE session ADD COLUMN program TEXT;
