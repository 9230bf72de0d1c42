use rusqlite::Connection;

use super::{MIGRATIONS, Migration, OpenError, back_up, migrate};

fn migrated() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection, MIGRATIONS).unwrap();
    connection
}

#[test]
fn migrating_again_changes_nothing() {
    let mut connection = migrated();
    migrate(&mut connection, MIGRATIONS).unwrap();
    let count: i64 = connection.query_row("SELECT count(*) FROM migration", [], |row| row.get(0)).unwrap();
    assert_eq!(count, MIGRATIONS.len() as i64);
}

#[test]
fn k4_a_database_that_went_through_another_migration_is_refused() {
    let mut connection = migrated();
    connection.execute("UPDATE migration SET sha256 = x'00' WHERE number = 1", []).unwrap();
    let error = migrate(&mut connection, MIGRATIONS).unwrap_err();
    assert!(matches!(error, OpenError::MigrationDiffers { number: 1, .. }), "{error}");
}

#[test]
fn k4_a_database_of_a_newer_program_is_refused() {
    let mut connection = migrated();
    let error = migrate(&mut connection, &[]).unwrap_err();
    assert!(
        matches!(error, OpenError::TooNew { found, known: 0 } if found == MIGRATIONS.len() as i64),
        "{error}"
    );
}

#[test]
fn a_migration_that_fails_leaves_nothing_behind() {
    let mut connection = Connection::open_in_memory().unwrap();
    let broken = [
        Migration { name: "whole", sql: "CREATE TABLE whole (number INTEGER) STRICT;" },
        Migration { name: "broken", sql: "CREATE TABLE half (number INTEGER) STRICT; CREATE TABLE" },
    ];
    migrate(&mut connection, &broken).unwrap_err();
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 0);
}

#[test]
fn a_database_is_copied_before_it_is_migrated_and_only_then() {
    let folder = std::env::temp_dir().join(format!("plimsoll-migrate-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("store.db");
    let copy = folder.join(format!("store.db.before-{}", MIGRATIONS.len()));
    let mut connection = Connection::open(&path).unwrap();
    back_up(&connection, &path).unwrap();
    let (_, older) = MIGRATIONS.split_last().unwrap();
    migrate(&mut connection, older).unwrap();
    assert!(!copy.exists(), "a new database is not copied");
    back_up(&connection, &path).unwrap();
    migrate(&mut connection, MIGRATIONS).unwrap();
    let copied = Connection::open(&copy).unwrap();
    let found: i64 = copied.query_row("SELECT max(number) FROM migration", [], |row| row.get(0)).unwrap();
    assert_eq!(found, older.len() as i64);
    std::fs::remove_file(&copy).unwrap();
    back_up(&connection, &path).unwrap();
    assert!(!copy.exists(), "one that is up to date is not copied");
    std::fs::remove_dir_all(&folder).unwrap();
}
