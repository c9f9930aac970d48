-- Users and their sessions. Ids that leave the relay are 16-byte UUIDs (uid); inside, rows are joined by integers.
-- Times are milliseconds since 1970.

-- "Conf": by this the file is known as ours.
PRAGMA application_id = 0x436f6e66;

CREATE TABLE users (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    uid            BLOB    NOT NULL UNIQUE,
    -- Lower case. A deleted user keeps the row, so that the name is not given out again.
    username       TEXT    NOT NULL UNIQUE,
    display_name   TEXT    NOT NULL,
    -- A PHC string ($argon2id$...).
    password       TEXT    NOT NULL,
    -- Whether others see how far this user has read.
    share_read     INTEGER NOT NULL DEFAULT 1,
    deleted        INTEGER NOT NULL DEFAULT 0,
    created_at     INTEGER NOT NULL,
    last_seen      INTEGER NOT NULL DEFAULT 0,
    -- The commit that last changed the profile.
    profile_commit INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE sessions (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The device id.
    uid            BLOB    NOT NULL UNIQUE,
    user           INTEGER NOT NULL REFERENCES users (id),
    name           TEXT    NOT NULL,
    -- The refresh token in force is (uid, generation, nonce). The one before it, (uid, generation - 1,
    -- previous_nonce), may be presented again for as long as its successor was not: its answer may have been lost.
    generation     INTEGER NOT NULL,
    nonce          BLOB    NOT NULL,
    previous_nonce BLOB,
    created_at     INTEGER NOT NULL,
    last_seen      INTEGER NOT NULL,
    -- NULL while the session lasts.
    ended_at       INTEGER
) STRICT;

CREATE INDEX sessions_by_user ON sessions (user, created_at);
