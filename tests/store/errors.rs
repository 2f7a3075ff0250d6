//! What cannot be used as a store, and says so.

use super::*;

#[test]
fn a_lock_of_another_program_is_an_error_and_passes() {
    let dir = Dir::new();
    let impatient = Options { busy_timeout: Duration::from_millis(20), ..Options::default() };
    let store = dir.try_open(impatient.clone()).unwrap();
    wait(append(&store, 1));
    let other = Connection::open(dir.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(wait(store.append(capture(""))).unwrap_err(), StoreError::Locked(dir.path()));
    assert_eq!(dir.try_open(impatient).unwrap_err(), StoreError::Locked(dir.path()));
    assert_eq!(ids(&store), [1], "reading goes on");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(wait(store.append(capture(""))).unwrap(), CaptureId(2));
}

#[test]
fn other_files_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other");
    let open = || Store::open(&Location::File(path.clone()), Options::default()).unwrap_err();
    for content in [&b"hello\n"[..], &[0; 5000]] {
        std::fs::write(&path, content).unwrap();
        assert_eq!(open(), StoreError::NotAStore(path.clone()));
        assert_eq!(std::fs::read(&path).unwrap(), content);
    }
    std::fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
    let before = std::fs::read(&path).unwrap();
    assert_eq!(open(), StoreError::NotAStore(path.clone()));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let sentence = open().to_string();
    assert!(sentence.ends_with("other is not a hookview store: name another file with --store PATH"), "{sentence}");
}

#[test]
fn a_newer_store_is_left_alone() {
    let dir = Dir::new();
    dir.open().close();
    Connection::open(dir.path()).unwrap().pragma_update(None, "user_version", 6).unwrap();
    let error = dir.try_open(Options::default()).unwrap_err();
    assert_eq!(error, StoreError::Newer { path: dir.path(), found: 6, known: 5 });
    assert!(error.to_string().contains("newer version (schema 6, this program knows 5)"));
}

#[test]
fn what_cannot_be_a_store_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let open = |path: PathBuf| Store::open(&Location::File(path), Options::default()).unwrap_err();
    assert!(open(dir.path().to_owned()).to_string().contains("it is a directory"));
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = open(file.join("deeper/store.db"));
    assert!(matches!(error, StoreError::Directory { .. }), "{error}");
    let odd = dir.path().join("file:a?mode=memory");
    Store::open(&Location::File(odd.clone()), Options::default()).unwrap();
    assert!(odd.exists());
}

#[test]
#[cfg(target_os = "linux")]
fn a_device_is_not_a_store() {
    let error = Store::open(&Location::File("/dev/null".into()), Options::default()).unwrap_err();
    assert!(error.to_string().contains("it is not a regular file"), "{error}");
}

#[test]
#[cfg(unix)]
fn a_read_only_store_is_named_and_can_be_looked_at() {
    use std::os::unix::fs::PermissionsExt;
    if rustix::process::geteuid().is_root() {
        return; // Permissions do not bind root.
    }
    let dir = Dir::new();
    wait(append(&dir.open(), 1));
    std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o400)).unwrap();
    assert_eq!(dir.try_open(Options::default()).unwrap_err(), StoreError::ReadOnly(dir.path()));
    let store = Store::open_existing(&Location::File(dir.path()), Options::default()).unwrap();
    assert_eq!(ids(&store), [1]);
    assert_eq!(wait(store.append(capture(""))).unwrap_err(), StoreError::ReadOnly(dir.path()));
}

#[test]
#[cfg(unix)]
fn a_store_can_be_looked_at_where_nothing_can_be_written() {
    use std::os::unix::fs::PermissionsExt;
    if rustix::process::geteuid().is_root() {
        return; // Permissions do not bind root.
    }
    let dir = Dir::new();
    let path = dir.path().with_file_name("100% odd?mode=memory#.db");
    let location = Location::File(path.clone());
    let allow = |file: u32, directory: u32| {
        std::fs::set_permissions(&path, PermissionsExt::from_mode(file)).unwrap();
        std::fs::set_permissions(path.parent().unwrap(), PermissionsExt::from_mode(directory)).unwrap();
    };
    let store = Store::open(&location, Options::default()).unwrap();
    wait(append(&store, 2));
    store.close();
    for file in [0o400, 0o600] {
        allow(file, 0o500);
        let store = Store::open_existing(&location, Options::default()).unwrap();
        assert_eq!(ids(&store), [1, 2]);
        assert_eq!(store.get(CaptureId(2)).unwrap().unwrap().request.body.bytes, "body 1");
        assert_eq!(wait(store.append(capture(""))).unwrap_err(), StoreError::ReadOnly(path.clone()));
    }
    allow(0o600, 0o700);
    std::fs::write(path.with_file_name("100% odd?mode=memory#.db-wal"), "a log").unwrap();
    allow(0o400, 0o500);
    let refused = Store::open_existing(&location, Options::default()).unwrap_err();
    allow(0o600, 0o700);
    assert!(
        matches!(refused, StoreError::ReadOnly(_) | StoreError::Open { .. }),
        "what is in a log is missed: {refused}"
    );
}
