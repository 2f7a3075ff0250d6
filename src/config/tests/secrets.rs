//! Where secrets come from.

use insta::assert_snapshot;

use super::Home;
use crate::config::{Overrides, SecretArgument, Settings, read_secrets, readable_secrets};

fn flags(values: &[&str], files: &[&str]) -> Overrides {
    let values = values.iter().map(|text| SecretArgument::value(text).unwrap());
    let files = files.iter().map(|text| SecretArgument::file(text).unwrap());
    Overrides { secrets: values.chain(files).collect(), ..Overrides::default() }
}

/// Names and values, or the sentence why not.
fn read(home: &Home, settings: &Settings) -> String {
    let env = |name: &str| home.env(name);
    match read_secrets(&settings.secrets, &env) {
        Ok(secrets) => {
            let line = |(name, value): (String, Vec<u8>)| format!("{name}={}", value.escape_ascii());
            secrets.into_iter().map(line).collect::<Vec<_>>().join(" ")
        }
        Err(error) => error.to_string().replace(&format!("{}", home.path("").display()), ""),
    }
}

#[test]
fn a_secret_is_a_value_a_file_or_a_variable() {
    let home = Home::with(
        "[secrets]\nzulu = \"in the file\"\npm = { file = \"pm.secret\" }\nabs = { file = \"~/abs\" }\nst = { env = \"ST\" }\n",
    );
    let home = home.set("ST", "from outside");
    let root = home.path("home");
    let home = home.set("HOME", root.to_str().unwrap());
    home.write("config/hookview/pm.secret", "s3cret \n\n");
    home.write("home/abs", b"\xff\x00\r\n");
    assert_snapshot!(read(&home, &home.load()), @r#"zulu=in the file pm=s3cret \n abs=\xff\x00 st=from outside"#);
}

#[test]
fn a_command_writes_its_secret_and_runs_at_every_reading() {
    let home = Home::with("[secrets]\npm = { command = \"printf 's3cret \\n\\n'\" }\n");
    assert_snapshot!(read(&home, &home.load()), @r"pm=s3cret \n");
    let count = home.path("count");
    let command = format!("echo x >>'{0}'; wc -l <'{0}' | tr -d ' '", count.display());
    let named = SecretArgument::command(&format!("counted={command}")).unwrap();
    let unnamed = SecretArgument::command("echo other").unwrap();
    assert_eq!((named.name.as_deref(), unnamed.name.as_deref()), (Some("counted"), None));
    let settings = home.load_with(&Overrides { secrets: vec![named, unnamed], ..Overrides::default() }).unwrap();
    assert!(!format!("{settings:?}").contains("wc -l"));
    assert_snapshot!(read(&home, &settings), @r"counted=1 secret=other pm=s3cret \n");
    assert_snapshot!(read(&home, &settings), @r"counted=2 secret=other pm=s3cret \n");
}

#[test]
fn a_command_that_gives_no_secret_is_told_without_itself() {
    let sentences: Vec<_> =
        ["echo 'no key' >&2; exit 2", "true", "echo", "head -c 70000 /dev/zero", "echo s3cret; false"]
            .iter()
            .map(|command| {
                let home = Home::with(&format!("[secrets]\npm = {{ command = \"{command}\" }}\n"));
                read(&home, &home.load())
            })
            .collect();
    assert_snapshot!(sentences.join("\n"), @r"
    the command of the secret `pm` failed, exit status: 2: no key
    the command of the secret `pm` wrote nothing to its standard output: it must write the secret
    the command of the secret `pm` wrote nothing to its standard output: it must write the secret
    the command of the secret `pm` wrote too much for a secret: is it the right one?
    the command of the secret `pm` failed, exit status: 1
    ");
}

#[test]
fn they_are_read_again_from_where_they_are() {
    let home = Home::with("[secrets]\npm = { file = \"pm.secret\" }\n");
    home.write("config/hookview/pm.secret", "one");
    let settings = home.load();
    assert_snapshot!(read(&home, &settings), @"pm=one");
    home.write("config/hookview/pm.secret", "two");
    assert_snapshot!(read(&home, &settings), @"pm=two");
    home.write("config/hookview/config.toml", "[secrets]\npm = { file = \"pm.secret\" }\nnew = \"three\"\n");
    assert_snapshot!(read(&home, &home.load()), @"pm=two new=three");
}

#[test]
fn upper_layers_come_first_and_hide_names_of_lower_ones() {
    let home = Home::with("[secrets]\npm = \"file\"\nsecret = \"unnamed\"\nother = \"o\"\n");
    let home = home.set("HOOKVIEW_SECRET", "outside");
    home.write("key", "k\n");
    let path = format!("key={}", home.path("key").display());
    let settings = home.load_with(&flags(&["first", "pm=flag", "second"], &[&path])).unwrap();
    assert_snapshot!(read(&home, &settings), @"secret-2=first pm=flag secret-3=second key=k env=outside secret=unnamed other=o");
    assert_snapshot!(read(&home, &Home::new().set("HOOKVIEW_SECRET", "").load()), @"");
}

#[test]
fn what_stands_before_the_sign_is_a_name_only_if_it_looks_like_one() {
    for (text, name) in [
        ("pm=secret", Some("pm")),
        ("a.b_c-1=x=y", Some("a.b_c-1")),
        ("secret", None),
        ("=secret", None),
        ("not a name=secret", None),
        ("whsec_c2VjcmV0+/=", None),
        ("c2VjcmV0=", None),
        ("c2VjcmV0==", None),
    ] {
        assert_eq!(SecretArgument::value(text).unwrap().name.as_deref(), name, "{text}");
    }
    assert!(SecretArgument::value("").is_err());
}

#[test]
fn a_secret_that_cannot_be_read_is_told_by_name() {
    let sentences: Vec<_> = [
        ("pm = { file = \"missing\" }", ""),
        ("pm = { file = \"empty\" }", "\n"),
        ("pm = { file = \"empty\" }", &*"long".repeat(20_000)),
        ("pm = { env = \"NOT_THERE\" }", ""),
    ]
    .map(|(secret, file)| {
        let home = Home::with(&format!("[secrets]\n{secret}\n"));
        home.write("config/hookview/empty", file);
        read(&home, &home.load())
    })
    .into();
    assert_snapshot!(sentences.join("\n"), @r#"
    cannot read the secret `pm` from config/hookview/missing: No such file or directory (os error 2)
    the file of the secret `pm`, config/hookview/empty, is empty: write the secret into it
    the file of the secret `pm`, config/hookview/empty, is too long for a secret: is it the right one?
    the secret `pm` comes from the environment variable NOT_THERE, which is not set: set it and start again
    "#);
}

#[test]
fn one_that_cannot_be_read_need_not_hide_the_others() {
    let home =
        Home::with("[secrets]\na = \"1\"\npm = { file = \"missing\" }\nst = { env = \"NOT_THERE\" }\nb = \"2\"\n");
    let (secrets, errors) = readable_secrets(&home.load().secrets, &|name| home.env(name));
    assert_eq!(secrets, [("a".to_owned(), b"1".to_vec()), ("b".to_owned(), b"2".to_vec())]);
    let told: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert!(told[0].contains("`pm`") && told[1].contains("`st`") && told.len() == 2, "{told:?}");
}

#[test]
fn what_is_wrong_is_told_without_the_secret() {
    let errors = [
        "[secrets]\n\npm = \"\"",
        "[secrets]\npm = 834722",
        "[secrets]\npm = { value = \"s3cret\" }",
        "[secrets]\npm = { flie = \"s3cret\" }",
        "[secrets]\npm = { file = \"a\", env = \"s3cret\" }",
        "[secrets]\npm = {}",
        "[secrets]\npm = { env = 834722 }",
        "[secrets]\nnone = \"s3cret\"",
        "[secrets]\n\"a b\" = \"s3cret\"",
        "secrets = \"s3cret\"",
        "[secrets]\npm = [\"s3cret\"]",
        "[secrets]\npm = \"s3cret",
    ];
    let sentences: Vec<_> = errors.iter().map(|text| Home::with(text).error()).collect();
    assert!(!sentences.iter().any(|sentence| sentence.contains("s3cret") || sentence.contains("834722")));
    assert_snapshot!(sentences.join("\n"), @r#"
    config.toml:3: `pm` is empty
    config.toml:2: `pm` must be a text in quotes
    config.toml:2: unknown source of a secret `value`; there are file, env, command
    config.toml:2: unknown source of a secret `flie`, did you mean `file`?
    config.toml:2: `pm` must say one of { file = ".." }, { env = ".." } and { command = ".." }
    config.toml:2: `pm` must say one of { file = ".." }, { env = ".." } and { command = ".." }
    config.toml:2: `env` must be a text in quotes
    config.toml:2: `none` says something else in --sign: give the secret another name
    config.toml:2: `a b` is no name for a secret: letters, digits, `.`, `_` and `-` are
    config.toml:1: `secrets` must be a table
    config.toml:2: `pm` must be a text in quotes
    config.toml:2: not valid TOML: invalid basic string, expected `"`
    "#);
    let refused = |secrets: &[&str]| Home::new().load_with(&flags(secrets, &[])).unwrap_err().to_string();
    assert_snapshot!(refused(&["pm=a", "pm=b"]), @"two secrets are called `pm`: give each its own name, as in --secret pm-2=...");
    assert_snapshot!(refused(&["captured=a"]), @"a secret cannot be called `captured`, which says something else in --sign: give it another name");
}

#[test]
fn debug_output_does_not_show_values() {
    let home = Home::with("[secrets]\npm = \"s3cret\"\n");
    let settings = home.load_with(&flags(&["s3cret"], &[])).unwrap();
    assert!(!format!("{settings:?} {:?}", flags(&["s3cret"], &[])).contains("s3cret"));
}
