-- Accounts, one for each address and for each identity. The password is kept as its slow hash.
CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL UNIQUE,
    verified BOOLEAN NOT NULL,
    created BIGINT NOT NULL,
    password TEXT NOT NULL,
    record TEXT NOT NULL
);

-- Codes that were sent, one of each purpose.
CREATE TABLE account_codes (
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    expires BIGINT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (account, purpose)
);

-- A sign-in outlives its account for as long as tokens of it may still be shown.
CREATE TABLE sign_ins (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    used BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    -- NULL while it lasts.
    ended BIGINT,
    record TEXT NOT NULL
);
CREATE INDEX sign_ins_of_account ON sign_ins (account, used);
CREATE INDEX sign_ins_by_end ON sign_ins (ended) WHERE ended IS NOT NULL;

CREATE TABLE invitations (
    n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    digest BYTEA NOT NULL UNIQUE,
    record TEXT NOT NULL
);

-- By the digest of what is limited: the moment from which a whole burst is free again.
CREATE TABLE rate_limits (
    key TEXT PRIMARY KEY,
    free BIGINT NOT NULL
);
CREATE INDEX rate_limits_by_end ON rate_limits (free);

CREATE TABLE security_events (
    n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    account TEXT,
    record JSONB NOT NULL
);
CREATE INDEX security_events_by_time ON security_events (at);
CREATE INDEX security_events_of_account ON security_events (account, at) WHERE account IS NOT NULL;

CREATE TABLE signing_keys (
    n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kid TEXT NOT NULL UNIQUE,
    made BIGINT NOT NULL,
    pkcs8 BYTEA NOT NULL
);
