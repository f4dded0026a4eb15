-- Whether somebody is kept out for the time being, with everything that is set up for them.
ALTER TABLE "user" ADD COLUMN disabled BIGINT NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1));
