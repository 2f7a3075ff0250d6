//! What is checked, with which schemes, and how strictly.

use insta::assert_snapshot;

use super::Home;
use crate::config::{Checking, Enforce, Expect, Overrides, Place, SchemeFile};

fn checking(text: &str) -> Checking {
    Home::with(text).load().checking
}

#[test]
fn rows_of_expect_keep_their_order_and_their_lines() {
    let text = "[secrets]\npm = \"a\"\nold = \"b\"\n\n[[expect]]\npath = \"/hooks/pm/**\"\nscheme = \"netbox\"\n\
                secret = [\"pm\", \"old\"]\nenforce = 401\n\n[[expect]]\npath = \"/open\"\nenforce = false\n\n\
                [[expect]]\npath = \"/*/pm\"\nsecret = \"pm\"\n";
    let home = Home::with(text);
    let place = |line| Place { path: home.paths.config.clone().unwrap(), line };
    let row = |line, path: &str| Expect {
        place: place(line),
        path: path.to_owned(),
        scheme: None,
        secrets: Vec::new(),
        enforce: None,
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let first = Expect {
        scheme: Some(("netbox".to_owned(), place(7))),
        secrets: names(&["pm", "old"]),
        enforce: Some(Enforce::With(401)),
        ..row(5, "/hooks/pm/**")
    };
    let second = Expect { enforce: Some(Enforce::No), ..row(11, "/open") };
    let third = Expect { secrets: names(&["pm"]), ..row(15, "/*/pm") };
    assert_eq!(home.load().checking.expect, [first, second, third]);
}

#[test]
fn what_is_wrong_with_expect_is_told_with_its_line() {
    let errors = [
        "expect = 1",
        "[expect]\npaht = \"/\"",
        "[[expect]]\nscheme = \"netbox\"",
        "[[expect]]\npath = \"/a\"",
        "[[expect]]\npath = \"a\"\nenforce = true",
        "[[expect]]\npath = \"/a?b\"\nenforce = true",
        "[[expect]]\npath = \"/a\"\nsecret = \"s3cret\"",
        "[secrets]\nnetbox = \"x\"\n[[expect]]\npath = \"/a\"\nsecret = \"netbx\"",
        "[secrets]\nnetbox = \"x\"\n[[expect]]\npath = \"/a\"\nsecret = [\"netbox\",\n\"s3cret\"]",
        "[[expect]]\npath = \"/a\"\nsecret = { env = \"s3cret\" }",
        "[[expect]]\npath = \"/a\"\nenforce = 200",
        "[[expect]]\npath = \"/a\"\nenforced = true",
        "enforce = \"403\"",
        "public_url = \"hooks.example.com\"",
        "schemes = true",
    ];
    let sentences: Vec<_> = errors.iter().map(|text| Home::with(text).error()).collect();
    assert!(!sentences.iter().any(|sentence| sentence.contains("s3cret")));
    assert_snapshot!(sentences.join("\n"), @r#"
    config.toml:1: `expect` must be tables: write [[expect]] above each
    config.toml:2: unknown key of [[expect]] `paht`, did you mean `path`?
    config.toml:1: `expect` needs a `path`, like "/hooks/pm/**"
    config.toml:1: `expect` expects nothing: name a `scheme`, a `secret` or `enforce`
    config.toml:2: `path` must begin with a slash, as paths do
    config.toml:2: `path` is a path alone, without a query
    config.toml:3: `secret` is not a name from [secrets]; [secrets] is empty
    config.toml:5: `secret` is not a name from [secrets], did you mean `netbox`?
    config.toml:6: `secret` is not a name from [secrets]; there are netbox
    config.toml:3: `secret` must be a name from [secrets]
    config.toml:3: `enforce` must be true, false, 401 or 403
    config.toml:3: unknown key of [[expect]] `enforced`, did you mean `enforce`?
    config.toml:1: `enforce` must be true, false, 401 or 403
    config.toml:1: `public_url` cannot be "hooks.example.com": a public URL begins with https:// or http://
    config.toml:1: `schemes` must be a text in quotes, not true
    "#);
}

#[test]
fn flags_win_over_the_file() {
    let text = "scheme = \"github\"\nschemes = \"mine.toml\"\npublic_url = \"https://file.example\"\nenforce = true\n";
    let home = Home::with(text);
    let in_file = home.load().checking;
    let file = |path| Some(SchemeFile { path, named: true });
    assert_eq!(in_file.schemes, file(home.path("config/hookview/mine.toml")));
    assert_eq!((in_file.public_url.as_deref(), in_file.enforce), (Some("https://file.example"), Enforce::Yes));
    let flags = Overrides {
        schemes: Some("flag.toml".into()),
        public_url: Some("http://flag.example".to_owned()),
        enforce: Some(Enforce::With(403)),
        ..Overrides::default()
    };
    let flagged = home.load_with(&flags).unwrap().checking;
    assert_eq!(flagged.schemes, file("flag.toml".into()));
    assert_eq!((flagged.public_url.as_deref(), flagged.enforce), (Some("http://flag.example"), Enforce::With(403)));
}

#[test]
fn enforcing_is_a_flag_or_a_status() {
    for (text, enforce) in [
        ("", Enforce::No),
        ("enforce = false", Enforce::No),
        ("enforce = true", Enforce::Yes),
        ("enforce = 401", Enforce::With(401)),
        ("enforce = 403", Enforce::With(403)),
    ] {
        assert_eq!(checking(text).enforce, enforce, "{text}");
    }
}
