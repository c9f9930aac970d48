-- Conversations, members, messages. seq counts messages and rev counts changes, both without a hole; a row holds the
-- rev of its latest change. commit_no is the commit that touched a row last.
--
-- There are no foreign keys here: each insert would look its parents up, and each new user would be looked up in all of
-- these tables. The one writer names no row that it has not read, and no row of a user or conversation is deleted.

CREATE TABLE conversations (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    uid        BLOB    NOT NULL UNIQUE,
    -- 0 direct, 1 group.
    kind       INTEGER NOT NULL,
    title      TEXT    NOT NULL,
    title_rev  INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    rev        INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    first_seq  INTEGER NOT NULL,
    -- A digest of all changes up to rev.
    lineage    INTEGER NOT NULL,
    -- Current members.
    members    INTEGER NOT NULL,
    commit_no  INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
    conversation INTEGER NOT NULL,
    user         INTEGER NOT NULL,
    -- 0 member, 1 admin, 2 owner; NULL for one who left or was removed. The row stays.
    role         INTEGER,
    rev          INTEGER NOT NULL,
    -- The commit that last touched this row: role, own marks, hiding.
    commit_no    INTEGER NOT NULL,
    delivered    INTEGER NOT NULL DEFAULT 0,
    read         INTEGER NOT NULL DEFAULT 0,
    mention_seq  INTEGER NOT NULL DEFAULT 0,
    hidden_seq   INTEGER NOT NULL DEFAULT 0,
    -- 0 all, 1 mentions, 2 nothing.
    notify_level INTEGER NOT NULL DEFAULT 0,
    muted_until  INTEGER NOT NULL DEFAULT 0,
    -- Where the conversation stood when this member left; nothing later is told to them.
    left_rev     INTEGER NOT NULL DEFAULT 0,
    left_seq     INTEGER NOT NULL DEFAULT 0,
    left_lineage INTEGER NOT NULL DEFAULT 0,
    left_title   TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_by_rev ON members (conversation, rev);
CREATE INDEX members_by_user ON members (user, conversation);

CREATE TABLE messages (
    -- conversation << 32 | seq: a conversation's messages lie one after the other, in their order.
    place        INTEGER PRIMARY KEY,
    rev          INTEGER NOT NULL,
    -- The rev that it had when it was stored: the first result, for a send that comes again. Grows with the place.
    first_rev    INTEGER NOT NULL,
    uid          BLOB    NOT NULL UNIQUE,
    sender       INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    edited_at    INTEGER,
    reply_to     BLOB,
    reply_seq    INTEGER,
    -- 0 text, 1 system event (JSON in body), 2 deleted.
    kind         INTEGER NOT NULL,
    body         TEXT    NOT NULL,
    -- JSON: [user, ...] by users.id.
    mentions     TEXT,
    -- JSON: [["emoji", [user, ...]], ...] in the order of first use, by users.id.
    reactions    TEXT,
    -- Of the command that sent it; NULL for a system message.
    fingerprint  BLOB
) STRICT;

-- Those that have changed since they were stored. The others lie in the order of their revs as it is, so that a new
-- message costs no entry here.
CREATE INDEX messages_changed ON messages (place >> 32, rev) WHERE rev <> first_rev;

-- The first result of every accepted command that is no send, for ever.
CREATE TABLE commands (
    uid         BLOB    PRIMARY KEY NOT NULL,
    user        INTEGER NOT NULL,
    fingerprint BLOB    NOT NULL,
    rev         INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE blocks (
    blocker INTEGER NOT NULL,
    blocked INTEGER NOT NULL,
    PRIMARY KEY (blocker, blocked)
) STRICT, WITHOUT ROWID;

CREATE INDEX blocks_by_blocked ON blocks (blocked, blocker);
