-- What is over of accounts is looked for at every start and again and again.
CREATE INDEX accounts_unverified ON accounts (created, id) WHERE verified = 0;
CREATE INDEX account_codes_by_end ON account_codes (expires);
