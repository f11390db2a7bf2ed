-- Accounts, one for each address and for each identity. The password is kept as its slow hash.
CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL UNIQUE,
    verified INTEGER NOT NULL,
    created INTEGER NOT NULL,
    password TEXT NOT NULL,
    record TEXT NOT NULL
) STRICT;

-- Codes that were sent, one of each purpose.
CREATE TABLE account_codes (
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    expires INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (account, purpose)
) STRICT, WITHOUT ROWID;

-- A sign-in outlives its account for as long as tokens of it may still be shown.
CREATE TABLE sign_ins (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    used INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    -- NULL while it lasts.
    ended INTEGER,
    record TEXT NOT NULL
) STRICT;
CREATE INDEX sign_ins_of_account ON sign_ins (account, used);
CREATE INDEX sign_ins_by_end ON sign_ins (ended) WHERE ended IS NOT NULL;

CREATE TABLE invitations (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    digest BLOB NOT NULL UNIQUE,
    record TEXT NOT NULL
) STRICT;

-- By the digest of what is limited: the moment from which a whole burst is free again.
CREATE TABLE rate_limits (
    key TEXT PRIMARY KEY,
    free INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX rate_limits_by_end ON rate_limits (free);

CREATE TABLE security_events (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    account TEXT,
    record TEXT NOT NULL
) STRICT;
CREATE INDEX security_events_by_time ON security_events (at);
CREATE INDEX security_events_of_account ON security_events (account, at) WHERE account IS NOT NULL;

CREATE TABLE signing_keys (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    kid TEXT NOT NULL UNIQUE,
    made INTEGER NOT NULL,
    pkcs8 BLOB NOT NULL
) STRICT;
