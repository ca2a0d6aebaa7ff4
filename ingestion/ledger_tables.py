"""The tables of the ledger.

The books are kept by triggers, in the transaction of the change itself, so that `status` never counts rows
and no way of changing an arrival can forget them. `received` is counted on insert only: that it equals the
sum over the states is a check, not a definition.
"""

LEDGER_VERSION = 1

DDL = """
CREATE TABLE arrivals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL,
    source TEXT NOT NULL,
    blob TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    parent INTEGER REFERENCES arrivals (id),
    declared TEXT,
    received_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('received', 'preparing', 'batched', 'stored', 'duplicate', 'quarantined')),
    batch INTEGER REFERENCES batches (id),
    dataset TEXT,
    media_type TEXT,
    confidence REAL,
    why TEXT,
    rows INTEGER NOT NULL DEFAULT 0,
    rejected_rows INTEGER NOT NULL DEFAULT 0,
    layer TEXT,
    reason TEXT,
    fix TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    note TEXT,
    seconds REAL,
    finished_at TEXT,
    CHECK (state <> 'batched' OR batch IS NOT NULL),
    CHECK (state <> 'stored' OR dataset IS NOT NULL),
    CHECK (state <> 'quarantined' OR reason IS NOT NULL)
);
CREATE INDEX arrivals_by_path ON arrivals (path);
CREATE INDEX arrivals_by_blob ON arrivals (blob);
CREATE INDEX arrivals_by_time ON arrivals (received_at);
CREATE INDEX arrivals_by_parent ON arrivals (parent) WHERE parent IS NOT NULL;
CREATE INDEX arrivals_by_batch ON arrivals (batch) WHERE batch IS NOT NULL;
CREATE INDEX arrivals_by_state ON arrivals (state, id);

-- the arrival that answers for a blob: the first of it; every later one follows its fate
CREATE TABLE owners (blob TEXT PRIMARY KEY, arrival INTEGER NOT NULL REFERENCES arrivals (id)) WITHOUT ROWID;

CREATE TABLE batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    state TEXT NOT NULL CHECK (state IN ('open', 'done')),
    opened_at TEXT NOT NULL,
    closed_at TEXT
);
CREATE INDEX batches_open ON batches (id) WHERE state = 'open';
CREATE TABLE batch_versions (
    batch INTEGER NOT NULL REFERENCES batches (id),
    dataset TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (batch, dataset)
) WITHOUT ROWID;

CREATE TABLE steps (
    id INTEGER PRIMARY KEY,
    arrival INTEGER NOT NULL REFERENCES arrivals (id),
    at TEXT NOT NULL,
    layer TEXT NOT NULL,
    step TEXT NOT NULL,
    detail TEXT NOT NULL,
    seconds REAL
);
CREATE INDEX steps_by_arrival ON steps (arrival);

CREATE TABLE files (
    path PRIMARY KEY,  -- text, or the bytes of a name that is not UTF-8
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    arrival INTEGER NOT NULL REFERENCES arrivals (id)
) WITHOUT ROWID;

CREATE TABLE quarantine (
    id TEXT PRIMARY KEY,
    blob TEXT NOT NULL UNIQUE,
    arrival INTEGER NOT NULL REFERENCES arrivals (id),
    layer TEXT NOT NULL,
    reason TEXT NOT NULL,
    fix TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'replaying', 'discarded')),
    because TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

CREATE TABLE arrival_tables (
    arrival INTEGER NOT NULL REFERENCES arrivals (id),
    dataset TEXT NOT NULL,
    rows INTEGER NOT NULL,
    rejected_rows INTEGER NOT NULL,
    PRIMARY KEY (arrival, dataset)
) WITHOUT ROWID;

CREATE TABLE received_book (arrivals INTEGER NOT NULL, bytes INTEGER NOT NULL);
INSERT INTO received_book VALUES (0, 0);
CREATE TABLE state_books (
    state TEXT PRIMARY KEY, arrivals INTEGER NOT NULL, rows INTEGER NOT NULL, rejected_rows INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO state_books VALUES
    ('received', 0, 0, 0), ('preparing', 0, 0, 0), ('batched', 0, 0, 0),
    ('stored', 0, 0, 0), ('duplicate', 0, 0, 0), ('quarantined', 0, 0, 0);
CREATE TABLE dataset_books (
    dataset TEXT PRIMARY KEY,
    blobs INTEGER NOT NULL DEFAULT 0,
    rows INTEGER NOT NULL DEFAULT 0,
    rejected_rows INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TRIGGER arrival_received AFTER INSERT ON arrivals BEGIN
    UPDATE received_book SET arrivals = arrivals + 1, bytes = bytes + NEW.bytes;
    UPDATE state_books SET arrivals = arrivals + 1 WHERE state = NEW.state;
END;
CREATE TRIGGER arrival_moved AFTER UPDATE OF state, rows, rejected_rows ON arrivals BEGIN
    UPDATE state_books SET arrivals = arrivals - 1, rows = rows - OLD.rows,
        rejected_rows = rejected_rows - OLD.rejected_rows WHERE state = OLD.state;
    UPDATE state_books SET arrivals = arrivals + 1, rows = rows + NEW.rows,
        rejected_rows = rejected_rows + NEW.rejected_rows WHERE state = NEW.state;
END;
CREATE TRIGGER arrival_stored AFTER UPDATE OF state ON arrivals WHEN NEW.state = 'stored' BEGIN
    INSERT INTO dataset_books (dataset, blobs) VALUES (NEW.dataset, 1)
        ON CONFLICT (dataset) DO UPDATE SET blobs = blobs + 1;
END;
CREATE TRIGGER table_counted AFTER INSERT ON arrival_tables BEGIN
    INSERT INTO dataset_books (dataset, rows, rejected_rows) VALUES (NEW.dataset, NEW.rows, NEW.rejected_rows)
        ON CONFLICT (dataset) DO UPDATE SET rows = rows + NEW.rows, rejected_rows = rejected_rows + NEW.rejected_rows;
END;
CREATE TRIGGER arrival_kept BEFORE DELETE ON arrivals BEGIN
    SELECT RAISE(ABORT, 'an arrival is never forgotten');
END;
"""
