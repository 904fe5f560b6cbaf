-- Phones can be reached with adb: their addresses, ports and the keys that open them.

-- The phone's number on its server, from 1: its virtual address is made of it.
ALTER TABLE phone ADD COLUMN ordinal BIGINT NOT NULL DEFAULT 0;
UPDATE phone SET ordinal = v.n FROM
    (SELECT id, ROW_NUMBER() OVER (PARTITION BY server_id ORDER BY id) AS n FROM phone) v
    WHERE phone.id = v.id;

-- A port of this machine, once given to a phone, stays the phone's.
CREATE TABLE adb_port (
    phone_id TEXT PRIMARY KEY,
    port INTEGER NOT NULL UNIQUE
);

-- Public keys; each is good for the phones of its project.
CREATE TABLE adb_key (
    project_id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    key_text TEXT NOT NULL,
    create_ms BIGINT NOT NULL,
    PRIMARY KEY (project_id, fingerprint)
);
