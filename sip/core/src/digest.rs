//! Digest authentication (RFC 3261 22, RFC 7616, RFC 8760): challenge, verify, answer. MD5 and SHA-256, `qop=auth` only.
