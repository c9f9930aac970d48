-- People are found whatever case, width or accents their name is asked for in, and by one or two characters too. The
-- folding (src/store/sqlite/names.rs) is not SQL's: what was there before is folded when this migration is applied.

DROP INDEX users_by_display_name;
DROP TRIGGER people_added;
DROP TRIGGER people_renamed;

-- The display name, folded.
ALTER TABLE users ADD COLUMN folded_name TEXT NOT NULL DEFAULT '';

CREATE INDEX users_by_folded_name ON users (folded_name);

-- For what is too short for three characters in a row: the first two of each word of the two names, and each two in
-- scripts that put no space between words.
CREATE TABLE name_starts (
    start TEXT    NOT NULL,
    user  INTEGER NOT NULL,
    PRIMARY KEY (start, user)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER people_added AFTER INSERT ON users BEGIN
    INSERT INTO people (rowid, name) VALUES (new.id, new.username || ' ' || new.folded_name);
END;

CREATE TRIGGER people_renamed AFTER UPDATE OF username, folded_name ON users BEGIN
    UPDATE people SET name = new.username || ' ' || new.folded_name WHERE rowid = new.id;
END;
