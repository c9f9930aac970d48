-- Everything that one device holds. Every row names its account: several people and relays share one file.
-- Times are milliseconds since 1970-01-01 UTC, ids are the sixteen bytes of a UUID.

CREATE TABLE accounts (
    account     INTEGER PRIMARY KEY AUTOINCREMENT,
    relay       TEXT    NOT NULL,
    user        BLOB    NOT NULL,
    device      BLOB    NOT NULL,
    current     INTEGER NOT NULL DEFAULT 0,
    sync_token  TEXT,
    -- The newest of the relay's commits that anything here may show: a run, and a number in it.
    seen_run    BLOB,
    seen_commit INTEGER NOT NULL DEFAULT 0,
    share_read  INTEGER NOT NULL DEFAULT 1,
    blocked     TEXT    NOT NULL DEFAULT '[]',
    secret      TEXT,
    UNIQUE (relay, user)
) STRICT;

CREATE TABLE users (
    account      INTEGER NOT NULL,
    user         BLOB    NOT NULL,
    username     TEXT    NOT NULL,
    display_name TEXT    NOT NULL,
    deleted      INTEGER NOT NULL,
    PRIMARY KEY (account, user)
) STRICT, WITHOUT ROWID;

-- What is known of the relay's side, and how far it is held. `conv` is this device's short name for `id`.
CREATE TABLE conversations (
    conv        INTEGER PRIMARY KEY AUTOINCREMENT,
    account     INTEGER NOT NULL,
    id          BLOB    NOT NULL,
    kind        INTEGER NOT NULL,
    title       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    peer        BLOB,
    role        INTEGER,
    members     INTEGER NOT NULL,
    known       INTEGER NOT NULL,
    rev         INTEGER NOT NULL,
    lineage     TEXT    NOT NULL,
    head_rev    INTEGER NOT NULL,
    last_seq    INTEGER NOT NULL,
    first_seq   INTEGER NOT NULL,
    read        INTEGER NOT NULL,
    delivered   INTEGER NOT NULL,
    unread      INTEGER NOT NULL,
    counted_seq INTEGER NOT NULL,
    mention_seq INTEGER NOT NULL,
    hidden_seq  INTEGER NOT NULL,
    -- 0 all, 1 mentions, 2 nothing.
    notify      INTEGER NOT NULL,
    muted_until INTEGER NOT NULL,
    last        TEXT,
    UNIQUE (account, id)
) STRICT;
CREATE INDEX conversations_behind ON conversations (account) WHERE head_rev > rev AND role IS NOT NULL;

-- What the list shows, so that it is not computed while painting. One row for each conversation.
CREATE TABLE summaries (
    conv        INTEGER PRIMARY KEY,
    account     INTEGER NOT NULL,
    last        TEXT,
    unread      INTEGER NOT NULL,
    unread_more INTEGER NOT NULL,
    mention     INTEGER NOT NULL,
    sort_at     INTEGER NOT NULL,
    pending     INTEGER NOT NULL,
    failed      INTEGER NOT NULL,
    missing     INTEGER NOT NULL
) STRICT;
CREATE INDEX summaries_by_time ON summaries (account, sort_at);
CREATE INDEX summaries_missing ON summaries (account, sort_at) WHERE missing > 0;

-- `doc` grows with time, so that a search walks from the newest without sorting: seconds * 1024 + seq modulo 1024,
-- or the next free one a second later.
CREATE TABLE messages (
    doc         INTEGER PRIMARY KEY,
    account     INTEGER NOT NULL,
    conv        INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    id          BLOB    NOT NULL,
    rev         INTEGER NOT NULL,
    sender      BLOB    NOT NULL,
    at          INTEGER NOT NULL,
    edited_at   INTEGER,
    reply_id    BLOB,
    reply_seq   INTEGER,
    what        INTEGER NOT NULL,
    text        TEXT,
    extra       TEXT,
    reactions   TEXT
) STRICT;
CREATE UNIQUE INDEX messages_by_seq ON messages (conv, seq);
CREATE UNIQUE INDEX messages_by_id ON messages (account, id);

-- The seqs that are held: a row of `messages` outside of them does not count.
CREATE TABLE ranges (
    account  INTEGER NOT NULL,
    conv     INTEGER NOT NULL,
    from_seq INTEGER NOT NULL,
    to_seq   INTEGER NOT NULL,
    PRIMARY KEY (conv, from_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
    account INTEGER NOT NULL,
    conv    INTEGER NOT NULL,
    user    BLOB    NOT NULL,
    role    INTEGER,
    rev     INTEGER NOT NULL,
    PRIMARY KEY (conv, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE marks (
    account   INTEGER NOT NULL,
    conv      INTEGER NOT NULL,
    user      BLOB    NOT NULL,
    delivered INTEGER NOT NULL,
    read      INTEGER NOT NULL,
    PRIMARY KEY (conv, user)
) STRICT, WITHOUT ROWID;

-- Own messages from before a fork that the relay has not shown since.
CREATE TABLE unconfirmed (
    account INTEGER NOT NULL,
    conv    INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    id      BLOB    NOT NULL,
    message TEXT    NOT NULL,
    PRIMARY KEY (conv, seq, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX unconfirmed_by_id ON unconfirmed (account, id);

-- What a person did and the relay has not accepted, in local order. An empty `lane` is that of the caller's own things.
CREATE TABLE outbox (
    n            INTEGER PRIMARY KEY AUTOINCREMENT,
    account      INTEGER NOT NULL,
    id           BLOB    NOT NULL,
    lane         BLOB    NOT NULL,
    conversation BLOB,
    target       BLOB,
    op           TEXT    NOT NULL,
    command      TEXT    NOT NULL,
    state        INTEGER NOT NULL,
    problem      TEXT,
    at           INTEGER NOT NULL,
    resend       INTEGER NOT NULL,
    UNIQUE (account, id)
) STRICT;
CREATE INDEX outbox_lanes ON outbox (account, lane, n) WHERE state < 2;
CREATE INDEX outbox_by_conversation ON outbox (account, conversation, n);
CREATE INDEX outbox_by_target ON outbox (account, target, n) WHERE target IS NOT NULL;
CREATE INDEX outbox_by_state ON outbox (account, state);

CREATE TABLE pending_marks (
    account   INTEGER NOT NULL,
    conv      INTEGER NOT NULL,
    read      INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    PRIMARY KEY (account, conv)
) STRICT, WITHOUT ROWID;

CREATE TABLE drafts (
    account      INTEGER NOT NULL,
    conversation BLOB    NOT NULL,
    draft        TEXT    NOT NULL,
    PRIMARY KEY (account, conversation)
) STRICT, WITHOUT ROWID;

-- Pairs of neighbouring characters of the folded text, and single ones. Candidates are verified, so no positions.
CREATE VIRTUAL TABLE search_index USING fts5 (
    grams, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
-- Texts that are not in the index yet.
CREATE TABLE unindexed (
    doc     INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    conv    INTEGER NOT NULL
) STRICT;
CREATE INDEX unindexed_by_conversation ON unindexed (account, conv);
