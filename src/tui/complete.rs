//! Completing the names of files that are typed in a prompt.

use std::fs::DirEntry;
use std::path::{MAIN_SEPARATOR, Path};

/// The names that begin with what is typed, directories with a slash behind them; `~/` is the home directory.
pub fn names(typed: &str, home: Option<&Path>) -> Vec<String> {
    let (directory, start) = typed
        .rsplit_once(MAIN_SEPARATOR)
        .map_or(("", typed), |(_, start)| (&typed[..typed.len() - start.len()], start));
    let place = match (directory.strip_prefix("~/"), home, directory) {
        (Some(rest), Some(home), _) => home.join(rest),
        (_, _, "") => Path::new(".").to_owned(),
        (_, _, directory) => directory.into(),
    };
    let Ok(entries) = std::fs::read_dir(place) else { return Vec::new() };
    let name = |entry: DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let fits = name.starts_with(start) && (start.starts_with('.') || !name.starts_with('.'));
        let is_directory = || entry.path().is_dir();
        fits.then(|| format!("{directory}{name}{}", if is_directory() { "/" } else { "" }))
    };
    let mut names: Vec<String> = entries.filter_map(Result::ok).filter_map(name).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_fit_are_found() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for name in ["slack.j2", "sleep.j2", ".hidden", "other"] {
            std::fs::write(root.join(name), "").unwrap();
        }
        std::fs::create_dir(root.join("sly")).unwrap();
        let found = |typed: &str| names(typed, Some(root));
        assert_eq!(found("~/sl"), ["~/slack.j2", "~/sleep.j2", "~/sly/"]);
        assert_eq!(found(&format!("{}/.", root.display())), [format!("{}/.hidden", root.display())]);
        assert_eq!(found("~/").len(), 4);
        assert!(found("~/none/x").is_empty());
        for number in 0..300 {
            std::fs::write(root.join(format!("many-{number}")), "").unwrap();
        }
        assert_eq!(found("~/many").len(), 300, "what they begin with is told by all of them");
    }
}
