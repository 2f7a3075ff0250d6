//! The configuration as a whole: what a user writes, what the program gets or the user reads.

mod checking;
mod keys;
mod linting;
mod listening;
mod secrets;

use std::fs;
use std::net::Ipv6Addr;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use insta::assert_snapshot;
use tempfile::TempDir;

use super::*;

/// A home directory and an environment of its own.
pub(super) struct Home {
    directory: TempDir,
    pub paths: Paths,
    env: Vec<(&'static str, String)>,
    terminal: bool,
}

impl Home {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| Some(directory.path().join(name));
        let paths = Paths { config: path("config/hookview/config.toml"), store: path("state/hookview/store.db") };
        let env = vec![("LANG", "en_US.UTF-8".to_owned()), ("TERM", "xterm-256color".to_owned())];
        Self { directory, paths, env, terminal: true }
    }

    /// With this configuration file.
    pub fn with(text: &str) -> Self {
        let home = Self::new();
        home.write("config/hookview/config.toml", text);
        home
    }

    pub fn set(mut self, variable: &'static str, value: &str) -> Self {
        self.env.insert(0, (variable, value.to_owned()));
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    pub fn env(&self, name: &str) -> Option<String> {
        self.env.iter().find(|(variable, _)| *variable == name).map(|(_, value)| value.clone())
    }

    pub fn load_with(&self, flags: &Overrides) -> Result<Settings, ConfigError> {
        let env = |name: &str| self.env(name);
        load(&Surroundings { paths: &self.paths, env: &env, terminal: self.terminal }, flags)
    }

    pub fn load(&self) -> Settings {
        self.load_with(&Overrides::default()).unwrap()
    }

    /// The sentence for the configuration's error, without the directory.
    pub fn error(&self) -> String {
        let error = self.load_with(&Overrides::default()).expect_err("the configuration is refused");
        error.to_string().replace(&format!("{}/config/hookview/", self.directory.path().display()), "")
    }
}

#[test]
fn the_defaults_are_what_the_documentation_says() {
    let home = Home::new();
    let settings = home.load();
    assert_eq!(settings.listen, [parse_listen("http://localhost:9000").unwrap()]);
    let half_a_minute = Duration::from_secs(30);
    let limits = Limits {
        max_body: 10 << 20,
        head_timeout: half_a_minute,
        body_idle: half_a_minute,
        handshake_timeout: Duration::from_secs(10),
    };
    assert_eq!(settings.limits, limits);
    assert_eq!(
        settings.keeping,
        Keeping {
            store: home.paths.store.clone(),
            session: "default".to_owned(),
            captures: 10_000,
            bytes: 1 << 30,
            durability: Durability::Full,
        }
    );
    let schemes = SchemeFile { path: home.path("config/hookview/schemes.toml"), named: false };
    assert_eq!(settings.checking, Checking { schemes: Some(schemes), ..Checking::default() });
    assert_eq!(settings.secrets, []);
    assert_eq!((settings.output, settings.headers, settings.log), (Output::Tui, true, None));
    assert_eq!(settings.trust, Trust::default());
    assert_eq!(settings.file, home.paths.config);
}

#[test]
fn the_screen_is_by_default_as_the_documentation_says() {
    let masked = [
        "authorization",
        "cookie",
        "proxy-authorization",
        "set-cookie",
        "x-api-key",
        "x-auth-token",
        "x-gitlab-token",
        "x-hook-secret",
    ];
    let hidden = [
        "timestamp",
        "request_id",
        "request.id",
        "data.updated",
        "data.last_updated",
        "snapshots.*.updated",
        "snapshots.*.last_updated",
    ];
    assert_eq!(
        Home::new().load().screen,
        Screen {
            layout: Layout::Auto,
            ascii: false,
            utf8: true,
            color: true,
            cursor: Cursor::Hidden,
            mouse: true,
            time: TimeFormat::Clock,
            utc: false,
            bell: false,
            masked_headers: masked.map(str::to_owned).to_vec(),
            diff_hidden: hidden.map(str::to_owned).to_vec(),
            editor: "vi".to_owned(),
            pager: "less".to_owned(),
            clipboard_limit: 74_994,
        }
    );
}

#[test]
fn the_defaults_written_into_the_file_change_nothing() {
    let home = Home::new();
    let settings = home.load();
    home.write("config/hookview/config.toml", DEFAULTS);
    assert_eq!(home.load(), settings);
}

#[test]
fn every_default_is_explained() {
    let keys = DEFAULTS.find("[keys]").unwrap();
    let mut explained = false;
    for line in DEFAULTS[..keys].lines() {
        let is_setting = line.split_once(" = ").is_some_and(|(name, _)| !name.contains([' ', '#']));
        assert!(!is_setting || explained, "{line}");
        explained = line.starts_with("# ") || (is_setting && explained);
    }
}

#[test]
fn the_file_is_over_the_defaults_and_flags_are_over_the_file() {
    let home = Home::with(
        "port = 8000\nbind = \"0.0.0.0\"\nkeep = 5\nkeep_bytes = 4096\nmax_body = \"1k\"\nscheme = \"github\"\n\
         session = \"file\"\nstore = \"memory\"\nutc = true\nascii = true\ncolor = \"never\"\nlayout = \"single\"\n\
         editor = \"nano -w\"\nmasked_headers = [\"X-Mine\"]\n",
    );
    let settings = home.load();
    assert_eq!(settings.listen, [parse_listen("http://0.0.0.0:8000").unwrap()]);
    assert_eq!((settings.keeping.captures, settings.keeping.bytes, settings.keeping.store), (5, 4096, None));
    assert_eq!((settings.limits.max_body, settings.checking.scheme.as_deref()), (1024, Some("github")));
    assert_eq!((settings.screen.utc, settings.screen.ascii, settings.screen.color), (true, true, false));
    assert_eq!((settings.screen.layout, settings.screen.editor.as_str()), (Layout::Single, "nano -w"));
    assert_eq!(settings.screen.masked_headers, ["x-mine"]);

    let flags = Overrides {
        port: Some(0),
        bind: vec![Ipv6Addr::UNSPECIFIED.into(); 2],
        keep: Some(0),
        store: Some(StoreChoice::File("here.db".into())),
        session: Some("flag".to_owned()),
        scheme: Some("auto".to_owned()),
        color: Some(When::Always),
        output: Some(Output::Json),
        no_headers: true,
        ..Overrides::default()
    };
    let settings = home.load_with(&flags).unwrap();
    assert_eq!(settings.listen, [parse_listen("http://[::]:0").unwrap()]);
    assert_eq!((settings.keeping.captures, settings.keeping.bytes), (0, 4096));
    assert_eq!((settings.keeping.store, settings.keeping.session), (Some("here.db".into()), "flag".to_owned()));
    assert_eq!((settings.checking.scheme, settings.screen.color), (None, true));
    assert_eq!((settings.output, settings.headers), (Output::Json, false));
}

#[test]
fn handshakes_are_answered_unless_file_or_flag_say_no() {
    let flag = Overrides { no_handshakes: true, ..Overrides::default() };
    assert!(Home::new().load().handshakes);
    assert!(!Home::with("handshakes = false").load().handshakes);
    assert!(!Home::with("handshakes = true").load_with(&flag).unwrap().handshakes);
    assert_snapshot!(Home::with("handshakes = 1").error(), @"config.toml:1: `handshakes` must be true or false, not 1");
}

#[test]
fn paths_in_the_file_are_seen_from_its_directory() {
    let home = Home::with("store = \"mine.db\"\n");
    assert_eq!(home.load().keeping.store, Some(home.path("config/hookview/mine.db")));
    let home = Home::with("store = \"~/mine.db\"\n").set("HOME", "/home/theo");
    assert_eq!(home.load().keeping.store, Some("/home/theo/mine.db".into()));
    let home = Home::with("store = \"/var/mine.db\"\n");
    assert_eq!(home.load().keeping.store, Some("/var/mine.db".into()));
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let home = Home::with("port = 1");
    home.write("other.toml", "port = 2");
    let config = |name| Overrides { config: Some(home.path(name)), ..Overrides::default() };
    assert_eq!(home.load_with(&config("other.toml")).unwrap().listen, [parse_listen("http://localhost:2").unwrap()]);
    let missing = home.load_with(&config("missing.toml")).unwrap_err().to_string();
    assert!(missing.starts_with("cannot read the configuration ") && missing.contains("missing.toml: "), "{missing}");
}

#[test]
fn a_fault_is_told_once() {
    let home = Home::with("[secrets]\npm = { file = \"missing\" }\n");
    let config = Overrides { config: Some(home.path("missing.toml")), ..Overrides::default() };
    let file = anyhow::Error::new(home.load_with(&config).unwrap_err());
    let secret = anyhow::Error::new(read_secrets(&home.load().secrets, &|_| None).unwrap_err());
    for error in [file, secret] {
        assert_eq!(format!("{error:#}").matches("No such file").count(), 1, "{error:#}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let errors = [
        "\n\nprot = 9000",
        "# a comment\nport = 70000",
        "port = -1",
        "port = \"9000\"",
        "bind = [\n  \"127.0.0.1\",\n  \"localhost\",\n]",
        "bind = []",
        "bind = [\"127.0.0.1:9000\"]",
        "keep_bytes = \"a lot\"",
        "keep_bytes = 1.5",
        "max_body = \"1GiB\"",
        "head_timeout = \"30\"",
        "body_idle = \"0s\"",
        "layout = \"sied\"",
        "durability = \"extreme\"",
        "mouse = \"yes\"",
        "ascii = \"always\"",
        "session = \"\"",
        "masked_headers = [1]",
        "keys = 3",
        "frobnicate = 1",
        "port = 1\nport = 2",
        "port 9000",
        "[keys\n",
    ];
    let sentences: Vec<_> = errors.iter().map(|text| Home::with(text).error()).collect();
    assert_snapshot!(sentences.join("\n"), @r#"
    config.toml:3: unknown setting `prot`, did you mean `port`?
    config.toml:2: `port` must be a number from 0 to 65535, not 70000
    config.toml:1: `port` must be a number from 0 to 65535, not -1
    config.toml:1: `port` must be a number from 0 to 65535, not "9000"
    config.toml:3: `bind` cannot be "localhost": an address is numeric and has no port, like 127.0.0.1, ::1 or 0.0.0.0
    config.toml:1: `bind` is empty: name an address, or leave it out
    config.toml:1: `bind` cannot be "127.0.0.1:9000": an address is numeric and has no port, like 127.0.0.1, ::1 or 0.0.0.0
    config.toml:1: `keep_bytes` cannot be "a lot": a size is a whole number and a unit, like 512, 64k, 10MiB or 1GiB
    config.toml:1: `keep_bytes` must be a size like "10MiB", or a number of bytes
    config.toml:1: `max_body` is too much: the most is 256MiB
    config.toml:1: `head_timeout` cannot be "30": a time is a whole number and a unit, like 500ms, 30s, 2m or 1h
    config.toml:1: `body_idle` must be longer than no time
    config.toml:1: `layout` cannot be "sied", did you mean `side`?
    config.toml:1: `durability` cannot be "extreme"; there are full, normal
    config.toml:1: `mouse` must be true or false, not "yes"
    config.toml:1: `ascii` must be "auto", true or false
    config.toml:1: `session` cannot be "": a session's name is 1 to 64 bytes of printable text
    config.toml:1: `masked_headers` must be a text in quotes, not 1
    config.toml:1: `keys` must be a table
    config.toml:1: unknown setting `frobnicate`; there are port, bind, listen, tls, cert, key, client_ca, ca_file, client_cert, client_key, handshake_timeout, max_body, head_timeout, body_idle, rules, store, session, keep, keep_bytes, durability, scheme, handshakes, schemes, public_url, enforce, expect, lint, layout, ascii, color, cursor, mouse, time, utc, bell, masked_headers, diff_hidden, editor, pager, clipboard_limit, secrets, keys, copy, folds
    config.toml:2: not valid TOML: duplicate key
    config.toml:1: not valid TOML: key with no value, expected `=`
    config.toml:1: not valid TOML: unclosed table, expected `]`
    "#);
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    let home = Home::new();
    home.write("config/hookview/config.toml", b"session = \"caf\xe9\"");
    assert_snapshot!(home.error(), @"cannot read the configuration config.toml: stream did not contain valid UTF-8");
}

#[test]
fn without_a_home_a_store_must_be_named() {
    let home = Home { paths: Paths::default(), ..Home::new() };
    assert_snapshot!(home.error(), @"cannot tell where your files are kept: set HOME, or say --store PATH or --store memory");
    let flags = Overrides { store: Some(StoreChoice::Memory), ..Overrides::default() };
    assert_eq!(home.load_with(&flags).unwrap().keeping.store, None);
}

#[test]
fn characters_and_colours_follow_the_environment() {
    let screen = |variables: &[(&'static str, &str)]| {
        let home = variables.iter().fold(Home::new(), |home, (name, value)| home.set(name, value));
        let screen = home.load().screen;
        (screen.ascii, screen.color)
    };
    for (variables, facts) in [
        (&[][..], (false, true)),
        (&[("LC_ALL", "C")], (true, true)),
        (&[("LC_ALL", ""), ("LC_CTYPE", "de_DE.utf8")], (false, true)),
        (&[("LANG", "de_DE.ISO-8859-1")], (true, true)),
        (&[("LANG", "")], (true, true)),
        (&[("TERM", "linux")], (true, true)),
        (&[("NO_COLOR", "1")], (false, false)),
        (&[("NO_COLOR", "")], (false, true)),
        (&[("TERM", "vt220")], (false, false)),
        (&[("TERM", "xterm-mono")], (false, false)),
        (&[("TERM", "vt220"), ("CLICOLOR_FORCE", "1")], (false, true)),
        (&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], (false, false)),
        (&[("TERM", "vt220"), ("CLICOLOR_FORCE", "0")], (false, false)),
    ] {
        assert_eq!(screen(variables), facts, "{variables:?}");
    }
}

#[test]
fn what_is_said_wins_over_the_environment() {
    let home = Home::with("color = \"always\"\nascii = false\n").set("NO_COLOR", "1").set("LC_ALL", "C");
    let screen = home.load().screen;
    assert_eq!((screen.ascii, screen.utf8, screen.color), (false, false, true));
    let flags = Overrides { ascii: true, color: Some(When::Never), ..Overrides::default() };
    let screen = home.load_with(&flags).unwrap().screen;
    assert_eq!((screen.ascii, screen.color), (true, false));
}

#[test]
fn programs_come_from_the_file_then_the_environment() {
    let programs = |home: Home| {
        let screen = home.load().screen;
        (screen.editor, screen.pager)
    };
    let home = Home::new().set("EDITOR", "nano").set("PAGER", "most");
    assert_eq!(programs(home), ("nano".to_owned(), "most".to_owned()));
    let home = Home::with("pager = \"bat -p\"").set("EDITOR", "nano").set("VISUAL", "nvim").set("PAGER", "most");
    assert_eq!(programs(home), ("nvim".to_owned(), "bat -p".to_owned()));
}

#[test]
fn the_output_suits_where_it_goes() {
    let output = |home: &Home, output| home.load_with(&Overrides { output, ..Overrides::default() });
    let (terminal, pipe) = (Home::new(), Home { terminal: false, ..Home::new() });
    assert_eq!(output(&terminal, None).unwrap().output, Output::Tui);
    assert_eq!(output(&terminal, Some(Output::Line)).unwrap().output, Output::Line);
    assert_eq!(output(&Home::new().set("TERM", "dumb"), None).unwrap().output, Output::Line);
    assert_eq!(output(&pipe, None).unwrap().output, Output::Text);
    assert_snapshot!(output(&pipe, Some(Output::Tui)).unwrap_err(), @"--output tui needs a terminal: leave it out, or say --output text, line or json");
}

#[test]
fn the_users_file_is_made_for_its_owner_alone_and_only_once() {
    let home = Home::new();
    let path = home.paths.config.clone().unwrap();
    ensure_user_file(&path).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    assert_eq!(home.load().secrets, []);
    fs::write(&path, "port = 1").unwrap();
    ensure_user_file(&path).unwrap();
    assert_eq!(home.load().listen, [parse_listen("http://localhost:1").unwrap()]);
}

#[test]
fn a_users_file_without_a_place_for_secrets_gets_one() {
    let ensured = |text: &[u8]| {
        let home = Home::new();
        home.write("config/hookview/config.toml", text);
        let path = home.paths.config.clone().unwrap();
        ensure_user_file(&path).unwrap();
        ensure_user_file(&path).unwrap();
        fs::read(path).unwrap()
    };
    for text in ["", "port = 1\n", "# mine\r\nport = 1", "[keys]\nhelp = \"H\""] {
        let after = String::from_utf8(ensured(text.as_bytes())).unwrap();
        let added = after.strip_prefix(text).unwrap();
        assert!(added.starts_with('\n') && added.matches("\n[secrets]\n# netbox").count() == 1, "{after}");
        Home::with(&after).load();
    }
    for text in [&b"[secrets]\n"[..], b"secrets.pm = \"x\"\n", b"secrets = 1", b"port = = 1\n", b"\xff = 1\n"] {
        assert_eq!(ensured(text), text);
    }
}

#[test]
fn a_file_that_cannot_be_made_is_told() {
    let home = Home::new();
    home.write("config", "in the way");
    let error = ensure_user_file(&home.path("config/hookview/config.toml")).unwrap_err().to_string();
    assert!(error.starts_with("cannot make the configuration "), "{error}");
}

#[test]
fn rules_are_found_named_or_none() {
    let home = Home::new();
    let beside = Some(home.path("config/hookview/rules.toml"));
    assert_eq!(home.load().rules, RulesFile::Auto { here: "hookview.toml".into(), beside });
    let home = Home::with("rules = \"answers.toml\"");
    assert_eq!(home.load().rules, RulesFile::Named(home.path("config/hookview/answers.toml")));
    let flags = |rules| home.load_with(&Overrides { rules: Some(rules), ..Overrides::default() }).unwrap().rules;
    assert_eq!(flags(RulesChoice::None), RulesFile::None);
    assert_eq!(flags(RulesChoice::File("a/b.toml".into())), RulesFile::Named("a/b.toml".into()));
    assert!(matches!(flags(RulesChoice::Auto), RulesFile::Auto { .. }));
    assert!(Home::with("rules = \"\"").error().contains("`rules` cannot be \"\": it is empty"));
}
