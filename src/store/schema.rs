//! Making sure that a database is a store of ours, of a version that this program knows.
//!
//! A store says so by its `application_id`; its `user_version` counts the migrations that were applied.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::StoreError;
use super::place::Place;

/// `hook` in ASCII.
const APPLICATION_ID: i64 = 0x686f_6f6b;

/// Each brings a store from the version of its index to the next.
const MIGRATIONS: [&str; 5] = [
    include_str!("schema_1.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
];

/// Holds two captures of 3 KB, which writes half as many pages as 4096 and keeps commits of one capture small.
const PAGE_SIZE: u32 = 8192;

/// The version after the last migration.
#[expect(clippy::cast_possible_wrap, reason = "there are few")]
const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Brings a database that is empty, or a store of ours, to the newest version. Leaves any other as it is.
pub fn prepare(connection: &mut Connection, place: &Place) -> Result<(), StoreError> {
    match identify(connection).map_err(|error| place.error(&error))? {
        Identity::Foreign => Err(StoreError::NotAStore(place.name())),
        Identity::Store(found) if found > KNOWN => Err(StoreError::Newer { path: place.name(), found, known: KNOWN }),
        Identity::Store(found) if found == KNOWN => Ok(()),
        Identity::Store(_) => migrate(connection).map_err(|error| place.error(&error)),
        Identity::Empty => create(connection, place).map_err(|error| place.error(&error)),
    }
}

enum Identity {
    Empty,
    /// Of this version.
    Store(i64),
    Foreign,
}

/// In one transaction: another process may just be making this store.
fn identify(connection: &mut Connection) -> rusqlite::Result<Identity> {
    let transaction = connection.transaction()?;
    let id: i64 = transaction.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let objects: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(match (id, version(&transaction)?) {
        (APPLICATION_ID, version) => Identity::Store(version),
        (0, 0) if objects == 0 => Identity::Empty,
        _ => Identity::Foreign,
    })
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn create(connection: &mut Connection, place: &Place) -> rusqlite::Result<()> {
    connection.pragma_update(None, "page_size", PAGE_SIZE)?;
    if place.is_file() {
        place.patiently(|| connection.pragma_update(None, "journal_mode", "WAL"))?;
    }
    migrate(connection)
}

/// Looks at the version again inside of the transaction: another process may have been quicker.
fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let applied = version(&transaction)?;
    for migration in MIGRATIONS.iter().skip(usize::try_from(applied).unwrap_or_default()) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", KNOWN.max(applied))?;
    transaction.commit()
}
