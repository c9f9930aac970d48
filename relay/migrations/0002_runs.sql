-- The starts of this relay, and the counter of commits that its sync tokens speak of.

CREATE TABLE runs (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    run          BLOB    NOT NULL UNIQUE,
    -- The first commit that this run could make.
    first_commit INTEGER NOT NULL,
    -- The last one that it made, as far as this database knows. Stated when the next run begins.
    last_commit  INTEGER,
    started_at   INTEGER NOT NULL,
    -- Refreshed now and then: when a relay that died without a goodbye was last there.
    alive_at     INTEGER NOT NULL
) STRICT;

-- Commit numbers are taken in blocks: commit_no is the last one of the block in use. last_commit is the last one that no
-- conversation's row bears: the last one of all is this or the largest of theirs.
CREATE TABLE counter (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    commit_no   INTEGER NOT NULL,
    last_commit INTEGER NOT NULL
) STRICT;

INSERT INTO counter (id, commit_no, last_commit) VALUES (1, 0, 0);

-- Sessions that are connected now. What a dead relay leaves here, the next start turns into last_seen.
CREATE TABLE present (
    session INTEGER PRIMARY KEY,
    user    INTEGER NOT NULL
) STRICT;

CREATE INDEX users_by_profile_commit ON users (profile_commit);

-- Finds people by any three characters of their names.
CREATE VIRTUAL TABLE people USING fts5 (name, tokenize = 'trigram remove_diacritics 1');

CREATE INDEX users_by_display_name ON users (display_name COLLATE NOCASE);

INSERT INTO people (rowid, name) SELECT id, username || ' ' || display_name FROM users;

CREATE TRIGGER people_added AFTER INSERT ON users BEGIN
    INSERT INTO people (rowid, name) VALUES (new.id, new.username || ' ' || new.display_name);
END;

CREATE TRIGGER people_renamed AFTER UPDATE OF username, display_name ON users BEGIN
    UPDATE people SET name = new.username || ' ' || new.display_name WHERE rowid = new.id;
END;
