-- TLS, and where a trunk that has a name is found: at a port that is set, or as SRV, or as NAPTR records say. Where the DNS says, the columns
-- port and transport hold what is usual.
ALTER TABLE trunk ADD COLUMN secured BIGINT NOT NULL DEFAULT 0 CHECK (secured IN (0, 1));
ALTER TABLE trunk ADD COLUMN located TEXT NOT NULL DEFAULT 'port' CHECK (located IN ('port', 'srv', 'naptr'));
ALTER TABLE trunk ADD COLUMN options BIGINT NOT NULL DEFAULT 0 CHECK (options IN (0, 1));

-- Who we are there; all or none of them. The hashes are of user, realm and password.
ALTER TABLE trunk ADD COLUMN account_user TEXT;
ALTER TABLE trunk ADD COLUMN account_realm TEXT;
ALTER TABLE trunk ADD COLUMN account_ha1_md5 TEXT;
ALTER TABLE trunk ADD COLUMN account_ha1_sha256 TEXT;
ALTER TABLE trunk ADD COLUMN account_register BIGINT NOT NULL DEFAULT 0 CHECK (account_register IN (0, 1));
ALTER TABLE trunk ADD COLUMN account_register_s BIGINT CHECK (account_register_s > 0);
