-- What the engine keeps. Every key begins with merchant, then shop. Instants are nanoseconds since 1970 in UTC;
-- small numbers are the discriminants of the enums named beside them. `format` is the number of the migration
-- whose columns a row was written for; `policy` says by which policy. No personal data: it would sit in a table
-- of its own that can be erased.

-- Merchants and shops as small numbers, so that no row repeats their names.
CREATE TABLE merchant (
    number         INTEGER NOT NULL PRIMARY KEY,
    key            TEXT    NOT NULL UNIQUE,
    -- The highest fencing number handed out.
    fencing        INTEGER NOT NULL,
    -- Head of the audit chain: without it, a chain cut short at its end would still verify.
    audit_sequence INTEGER NOT NULL,
    audit_hash     BLOB    NOT NULL
) STRICT;

CREATE TABLE shop (
    merchant INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    key      TEXT    NOT NULL,
    PRIMARY KEY (merchant, number),
    UNIQUE (merchant, key)
) STRICT, WITHOUT ROWID;

-- Policies by which rows were written, by SHA-256 of the file.
CREATE TABLE policy (
    number INTEGER NOT NULL PRIMARY KEY,
    hash   BLOB    NOT NULL UNIQUE
) STRICT;

-- Work that is still to do, one row for each entity: it waits (fencing 0) or is in progress (fencing > 0).
CREATE TABLE hint (
    merchant      INTEGER NOT NULL,
    shop          INTEGER NOT NULL,
    flow          INTEGER NOT NULL, -- Flow
    record        INTEGER NOT NULL,
    lane          INTEGER NOT NULL, -- Lane
    fencing       INTEGER NOT NULL,
    -- When it may be claimed: the retry time while it waits, the end of its lease while it is in progress.
    due_at        INTEGER NOT NULL,
    version       INTEGER NOT NULL,
    recorded_at   INTEGER NOT NULL,
    cause         INTEGER NOT NULL, -- Cause
    attempt       INTEGER NOT NULL,
    -- The next piece of work, hinted at while this one is in progress; all or none are null.
    next_lane     INTEGER,
    next_version  INTEGER,
    next_recorded INTEGER,
    next_cause    INTEGER,
    format        INTEGER NOT NULL,
    PRIMARY KEY (merchant, shop, flow, record)
) STRICT, WITHOUT ROWID;

CREATE INDEX hint_waiting ON hint (merchant, lane, due_at) WHERE fencing = 0;
CREATE INDEX hint_leased ON hint (merchant, due_at) WHERE fencing > 0;

-- Shopify record and NetSuite record. An entity's own link has its record as parent too, so the primary key
-- finds both that link and all links that hang under a record.
CREATE TABLE link (
    merchant    INTEGER NOT NULL,
    shop        INTEGER NOT NULL,
    kind        INTEGER NOT NULL, -- LinkKind
    parent      INTEGER NOT NULL,
    record      INTEGER NOT NULL,
    external_id TEXT    NOT NULL,
    internal_id INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    read_at     INTEGER NOT NULL,
    digest      INTEGER NOT NULL,
    policy      INTEGER NOT NULL,
    format      INTEGER NOT NULL,
    PRIMARY KEY (merchant, shop, kind, parent, record, external_id)
) STRICT, WITHOUT ROWID;

-- Kinds 2 to 9 hang under an order and their external ids follow from their records: nobody looks them up by it,
-- and an order has several of them.
CREATE UNIQUE INDEX link_external_id ON link (merchant, shop, kind, external_id) WHERE kind NOT BETWEEN 2 AND 9;

-- How each exception stands now.
CREATE TABLE exception (
    merchant         INTEGER NOT NULL,
    shop             INTEGER NOT NULL,
    flow             INTEGER NOT NULL, -- Flow
    record           INTEGER NOT NULL,
    code             INTEGER NOT NULL, -- CauseCode
    state            INTEGER NOT NULL, -- ExceptionState
    raised_at        INTEGER NOT NULL,
    owner            TEXT    NOT NULL,
    deadline         INTEGER NOT NULL,
    at_risk_minor    INTEGER,
    at_risk_currency TEXT,
    detail           TEXT    NOT NULL,
    next_step        TEXT    NOT NULL,
    changes          INTEGER NOT NULL,
    policy           INTEGER NOT NULL,
    format           INTEGER NOT NULL,
    PRIMARY KEY (merchant, shop, flow, record, code)
) STRICT, WITHOUT ROWID;

CREATE INDEX exception_open ON exception (merchant, raised_at) WHERE state <> 3;

-- How each exception stood after each of its changes. Appended to, never overwritten.
CREATE TABLE exception_history (
    merchant         INTEGER NOT NULL,
    shop             INTEGER NOT NULL,
    flow             INTEGER NOT NULL,
    record           INTEGER NOT NULL,
    code             INTEGER NOT NULL,
    change           INTEGER NOT NULL, -- 1, 2, 3 …
    changed_at       INTEGER NOT NULL,
    state            INTEGER NOT NULL,
    raised_at        INTEGER NOT NULL,
    owner            TEXT    NOT NULL,
    deadline         INTEGER NOT NULL,
    at_risk_minor    INTEGER,
    at_risk_currency TEXT,
    detail           TEXT    NOT NULL,
    next_step        TEXT    NOT NULL,
    policy           INTEGER NOT NULL,
    format           INTEGER NOT NULL,
    PRIMARY KEY (merchant, shop, flow, record, code, change)
) STRICT, WITHOUT ROWID;

CREATE TABLE watermark (
    merchant INTEGER NOT NULL,
    shop     INTEGER NOT NULL,
    feed     INTEGER NOT NULL, -- Feed
    at       INTEGER NOT NULL,
    format   INTEGER NOT NULL,
    PRIMARY KEY (merchant, shop, feed)
) STRICT, WITHOUT ROWID;

-- One entry for each step. The chain is the merchant's, so its sequence comes before the shop.
CREATE TABLE audit (
    merchant     INTEGER NOT NULL,
    sequence     INTEGER NOT NULL,
    shop         INTEGER NOT NULL,
    flow         INTEGER NOT NULL,
    record       INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    cause        INTEGER NOT NULL,
    read_version INTEGER NOT NULL,
    policy       INTEGER NOT NULL,
    actions      TEXT    NOT NULL,
    outcome      TEXT    NOT NULL,
    hash         BLOB    NOT NULL,
    format       INTEGER NOT NULL,
    PRIMARY KEY (merchant, sequence)
) STRICT, WITHOUT ROWID;
