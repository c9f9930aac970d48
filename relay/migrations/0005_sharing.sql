-- Those who have begun or ceased to share how far they have read, while not all of their conversations know it yet:
-- the ones with a larger id than `after` are still to be told.

CREATE TABLE sharing (
    user  INTEGER PRIMARY KEY,
    after INTEGER NOT NULL
) STRICT;
