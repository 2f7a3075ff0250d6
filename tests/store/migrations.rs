//! Stores of earlier versions.

use super::*;

/// What a store of the second version had where findings are now.
const SECOND: &str = r#"
    DROP TABLE under_way;
    ALTER TABLE captures DROP COLUMN lint;
    ALTER TABLE captures DROP COLUMN change;
    UPDATE details SET meta = json_set(json_remove(meta, '$.lint'), '$.notice', json('null'));
    UPDATE details SET meta = json_set(meta, '$.notice', json('{"headline": "This GET is what a redirect left of a webhook: the body is lost.", "lines": ["one", "two"]}'))
    WHERE id = 2;
    PRAGMA user_version = 2;
"#;

#[test]
fn a_notice_becomes_a_finding() {
    let dir = Dir::new();
    let store = dir.open();
    for _ in 0..2 {
        wait(store.append(full_capture())).unwrap();
    }
    store.close();
    Connection::open(dir.path()).unwrap().execute_batch(SECOND).unwrap();
    let store = dir.open();
    let capture = |id| store.get(CaptureId(id)).unwrap().unwrap();
    assert_eq!(capture(1).identity.lint, []);
    let lines = vec!["one".to_owned(), "two".to_owned()];
    let text = "This GET is what a redirect left of a webhook: the body is lost.".to_owned();
    assert_eq!(capture(2).identity.lint, [Finding { code: Lint::RedirectedGet, text, lines }]);
    let rows = store.summaries().unwrap();
    assert!(rows.iter().all(|row| row.change.is_none()), "{rows:?}");
    assert_eq!(rows.iter().map(|row| &*row.lint).collect::<Vec<_>>(), ["", "redirected-get"]);
}
