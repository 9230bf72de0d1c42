-- What the webhook intake keeps beside its hints. Keys begin with merchant as elsewhere.

-- Deliveries that were acknowledged, so that none takes effect twice: kept longer than Shopify repeats one.
CREATE TABLE delivery (
    merchant    INTEGER NOT NULL,
    id          BLOB    NOT NULL, -- X-Shopify-Webhook-Id, 16 bytes
    shop        INTEGER,          -- null if the shop is not ours
    digest      BLOB    NOT NULL, -- SHA-256 of the body
    received_at INTEGER NOT NULL,
    format      INTEGER NOT NULL,
    PRIMARY KEY (merchant, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_received ON delivery (merchant, received_at);

-- Signed deliveries that were set aside for a person instead of being processed.
CREATE TABLE aside (
    merchant    INTEGER NOT NULL,
    digest      BLOB    NOT NULL,
    reason      INTEGER NOT NULL, -- AsideReason
    number      INTEGER NOT NULL, -- 1, 2, 3 … per merchant
    shop        INTEGER,          -- null if the shop is not ours
    shop_domain TEXT    NOT NULL,
    topic       TEXT    NOT NULL,
    delivery    BLOB,             -- null if its header named none
    received_at INTEGER NOT NULL,
    format      INTEGER NOT NULL,
    PRIMARY KEY (merchant, digest, reason)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX aside_number ON aside (merchant, number);

-- The one table with personal data: raw bodies of what was set aside. Rows are erased, by time or by request;
-- nothing else in the store depends on them, and the audit chain does not cover them.
CREATE TABLE personal (
    merchant    INTEGER NOT NULL,
    number      INTEGER NOT NULL, -- of the row in `aside`
    shop        INTEGER,
    customer    INTEGER,          -- whose data it is; null if the body does not tell
    body        BLOB    NOT NULL,
    received_at INTEGER NOT NULL,
    format      INTEGER NOT NULL,
    PRIMARY KEY (merchant, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX personal_received ON personal (merchant, received_at);
