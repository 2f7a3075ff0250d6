//! What is not to be found.

use super::Home;
use crate::capture::Lint;
use crate::config::Overrides;

#[test]
fn file_and_flags_switch_off_together() {
    let home = Home::with("lint = { off = [\"password-in-clear\", \"not-utf8\"] }");
    let flags = Overrides { lint_off: vec![Lint::InvalidJson, Lint::NotUtf8], ..Overrides::default() };
    let off = home.load_with(&flags).unwrap().lint_off;
    assert_eq!(off.into_iter().collect::<Vec<_>>(), [Lint::InvalidJson, Lint::NotUtf8, Lint::PasswordInClear]);
    assert!(Home::with("").load().lint_off.is_empty());
    assert_eq!(Home::with("[lint]\noff = \"traceback\"\n").load().lint_off.len(), 1);
}

#[test]
fn a_code_that_is_none_is_told_with_its_line() {
    let error = |text: &str| Home::with(text).error();
    assert!(
        error("[lint]\noff = [\n\"invalid_json\"]")
            .contains(":3: `off` cannot be \"invalid_json\", did you mean `invalid-json`?")
    );
    assert!(error("[lint]\non = []").contains("on"));
    assert!(error("lint = \"invalid-json\"").contains("must be a table"));
}
