//! What is expected, what is refused, where schemes and secrets come from, and reading all of it again.

use chrono::{TimeDelta, Utc};
use rustix::process::Signal;

use super::headless::signature;
use super::pty::PtyCommand;
use super::{House, SECRET, ended, file, has_row, post};

const MINE: &str = r#"
[[scheme]]
id = "mine"
sender = "us"
verify = "token"
signature = { header = "X-Mine", value = "{token}" }
"#;

fn mine(token: &str) -> Vec<(String, String)> {
    vec![("X-Mine".to_owned(), token.to_owned())]
}

#[test]
fn what_is_not_valid_is_refused_in_general_words_and_captured() {
    let house = House::new();
    house.configure("config.toml", "[secrets]\npm = \"right\"\n");
    let mut receiver = house.receive(&["tail", "--enforce"]);
    let hour = TimeDelta::hours(1);
    let ask = |path: &str, headers: Vec<(String, String)>| {
        let (status, answer) = receiver.post(path, &headers);
        assert!(!["netbox", "xero", "pm", "right"].iter().any(|word| answer.contains(word)), "{answer}");
        let challenge = answer.lines().find(|line| line.starts_with("WWW-Authenticate")).map(str::to_owned);
        (status, answer.rsplit("\r\n").next().unwrap().to_owned(), challenge)
    };
    let forbidden = |reason: &str| (403, format!("{reason}\n"), None);
    assert_eq!(ask("/valid", signature("netbox", "right", Utc::now())), (200, "OK\n".to_owned(), None));
    assert_eq!(ask("/invalid", signature("netbox", "wrong", Utc::now())), forbidden("the signature does not verify"));
    assert_eq!(ask("/missing", vec![]), forbidden("the signature is missing"));
    assert_eq!(ask("/stale", signature("stripe", "right", Utc::now() - hour)), forbidden("the signature is too old"));
    let challenge = Some("WWW-Authenticate: Signature".to_owned());
    let wrong = ask("/xero", signature("xero", "wrong", Utc::now()));
    assert_eq!(wrong, (401, "the signature does not verify\n".to_owned(), challenge));
    assert_eq!(receiver.end(), Some(143));
    let expected = [
        "/valid valid 200 default",
        "/invalid invalid 403 enforce",
        "/missing missing 403 enforce",
        "/stale stale 403 enforce",
        "/xero invalid 401 enforce",
    ];
    assert_eq!(house.captured(), expected);
    let listed = String::from_utf8(house.run(&["list", "missing"]).stdout).unwrap();
    assert!(listed.contains("POST /missing 403 "), "{listed}");
}

#[test]
fn a_number_is_the_status_of_every_refusal() {
    let house = House::new();
    let receiver = house.receive(&["tail", "--enforce", "401", "--secret", "right"]);
    let (status, answer) = receiver.post("/", &[]);
    assert!(status == 401 && answer.contains("\r\nWWW-Authenticate: Signature\r\n"), "{answer}");
    let other = house.receive(&["tail", "--enforce=403", "--secret", "right"]);
    assert_eq!(other.signed("/", "xero", "wrong"), 403);
}

#[test]
fn refusing_everything_is_refused() {
    let house = House::new();
    let sentence = "without a secret nothing verifies, so enforcing would refuse every request: give one with \
                    --secret-file or in [secrets]";
    assert_eq!(house.refused(&["tail", "--enforce"]), (Some(2), format!("hookview: {sentence}")));
    house.configure("config.toml", "port = 0\n[[expect]]\npath = \"/a\"\nenforce = true\n");
    assert_eq!(house.refused(&["tail"]), (Some(2), format!("hookview: config.toml:2: {sentence}")));
    // Looking at captures refuses nothing.
    house.receive(&["tail", "--secret", "s"]).end();
    assert_eq!(house.run(&["list"]).status.code(), Some(0));
}

#[test]
fn paths_are_tied_to_schemes_and_secrets() {
    let house = House::new();
    let config = "enforce = 401\n\n[secrets]\npm = \"pm\"\ngh = \"gh\"\n\n\
                  [[expect]]\npath = \"/hooks/pm/**\"\nscheme = \"peering-manager\"\nsecret = \"pm\"\nenforce = 403\n\n\
                  [[expect]]\npath = \"/open/*\"\nenforce = false\n";
    house.configure("config.toml", config);
    let mut receiver = house.receive(&["tail"]);
    for (path, scheme, secret, status) in [
        ("/hooks/pm/1", "netbox", "pm", 200),
        ("/hooks/%70m", "netbox", "gh", 403),
        ("/hooks/pm", "github", "pm", 403),
        ("/else", "github", "pm", 200),
        ("/else", "github", "wrong", 401),
        ("/open/a", "github", "wrong", 200),
    ] {
        assert_eq!(receiver.signed(path, scheme, secret), status, "{path} {scheme} {secret}");
    }
    receiver.end();
    let listed = String::from_utf8(house.run(&["list"]).stdout).unwrap();
    let reason = "signature: /hooks/pm/** expects netbox, and this is signed like github, in X-Hub-Signature-256";
    assert!(listed.contains(reason), "{listed}");
    // The filter of the screen.
    let refused = String::from_utf8(house.run(&["list", "rule:enforce", "POST"]).stdout).unwrap();
    assert_eq!(refused.lines().filter(|line| line.starts_with('#')).count(), 3, "{refused}");
    house.configure("config.toml", &config.replace("peering-manager", "peering-manger"));
    let sentence = "hookview: config.toml:9: unknown scheme `peering-manger`: did you mean peering-manager?";
    assert_eq!(house.refused(&["tail"]), (Some(2), sentence.to_owned()));
}

#[test]
fn a_hangup_reads_everything_again_while_nobody_took_the_terminal() {
    let house = House::new();
    house.configure("config.toml", "[secrets]\npm = \"wrong\"\n");
    let mut receiver = house.receive(&["tail"]);
    assert_eq!(receiver.signed("/before", "netbox", "right"), 200);
    assert_eq!(receiver.post("/mine", &mine("right")).0, 200);
    house.configure("config.toml", "enforce = true\n[secrets]\npm = { file = \"pm.secret\" }\n");
    house.configure("pm.secret", "right\n");
    house.configure("schemes.toml", MINE);
    assert_eq!(receiver.reread(), "hookview: re-checked 2, 2 changed");
    assert_eq!(receiver.signed("/after", "netbox", "right"), 200);
    assert_eq!(receiver.signed("/after", "netbox", "wrong"), 403);
    // What cannot be read leaves everything as it was.
    let stay = "hookview: the old secrets and schemes stay: ";
    house.configure("schemes.toml", &MINE.replace("token\"\n", "tokn\"\n"));
    let said = receiver.reread();
    assert!(
        said.starts_with(stay) && said.contains("schemes.toml:5: scheme `mine`, verify: `tokn` is none of"),
        "{said}"
    );
    house.configure("schemes.toml", MINE);
    house.configure("config.toml", "[secrets]\npm = { command = \"echo locked >&2; exit 7\" }\n");
    let failed = "the command of the secret `pm` failed, exit status: 7: locked";
    assert_eq!(receiver.reread(), format!("{stay}{failed}"));
    assert_eq!(receiver.signed("/still", "netbox", "right"), 200);
    assert_eq!(receiver.signed("/still", "netbox", "wrong"), 403);
    assert_eq!(receiver.post("/mine", &mine("right")).0, 200);
    assert_eq!(receiver.end(), Some(143));
    let expected = [
        "/before valid 200 default",
        "/mine valid 200 default",
        "/after valid 200 default",
        "/after invalid 403 enforce",
        "/still valid 200 default",
        "/still invalid 403 enforce",
        "/mine valid 200 default",
    ];
    assert_eq!(house.captured(), expected);
}

#[test]
fn schemes_of_ones_own_are_added_or_replace_others() {
    let house = House::new();
    house.configure("config.toml", "schemes = \"own/all.toml\"\nenforce = true\n[secrets]\ns = \"right\"\n");
    let (code, said) = house.refused(&["tail"]);
    assert_eq!(code, Some(2));
    assert!(said.starts_with("hookview: cannot read the schemes own/all.toml: No such file"), "{said}");
    std::fs::create_dir(house.path("home/.config/hookview/own")).unwrap();
    let netbox = MINE.replace("mine", "netbox").replace("X-Mine", "X-Other");
    house.configure("own/all.toml", &format!("{MINE}{netbox}"));
    let receiver = house.receive(&["tail"]);
    assert_eq!([receiver.post("/", &mine("right")).0, receiver.post("/", &mine("wrong")).0], [200, 403]);
    assert_eq!(receiver.post("/", &[("X-Other".to_owned(), "right".to_owned())]).0, 200);
    assert_eq!(receiver.signed("/", "netbox", "right"), 403, "what was built in is replaced");
    let flag = house.path("flag.toml");
    std::fs::write(&flag, "[[scheme]]\nid = 1\n").unwrap();
    let (code, said) = house.refused(&["tail", "--schemes", flag.to_str().unwrap()]);
    assert!(code == Some(2) && said.contains("flag.toml:2: invalid type"), "{said}");
}

#[test]
fn a_command_gives_the_secret_or_nothing_starts() {
    let house = House::new();
    let receiver = house.receive(&["tail", "--enforce", "--secret-command", "pm=printf 'ri'; echo ght"]);
    assert_eq!(receiver.signed("/", "netbox", "right"), 200);
    assert_eq!(receiver.signed("/", "netbox", "wrong"), 403);
    let refused = house.refused(&["tail", "--secret-command", "pm=echo '\u{1b}[31mno' >&2; exit 3"]);
    let sentence = "hookview: the command of the secret `pm` failed, exit status: 3: ␛[31mno";
    assert_eq!(refused, (Some(1), sentence.to_owned()));
}

#[test]
fn the_public_url_is_what_senders_sign() {
    let house = House::new();
    let guessing = house.receive(&["tail", "--enforce", "--secret", "right"]);
    assert_eq!(guessing.signed("/hooks/square", "square", "right"), 403);
    let url = ["--public-url", "https://public.example/"];
    let told = house.receive(&["tail", "--enforce", "--secret", "right", url[0], url[1]]);
    assert_eq!(told.signed("/hooks/square", "square", "right"), 200);
    assert_eq!(told.signed("/hooks/other", "square", "right"), 403);
}

#[test]
fn a_hangup_reads_again_on_the_screen() {
    let house = House::new();
    std::fs::write(house.path("pm.secret"), "wrong").unwrap();
    let (mut pty, address) = house.start();
    post(address, "/unsigned", b"{}");
    let signed = signature("netbox", SECRET, Utc::now());
    let head = format!(
        "POST /signed HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\n{}: {}",
        signed[0].0, signed[0].1
    );
    super::exchange(address, format!("{head}\r\n\r\n{{}}").as_bytes());
    pty.wait_until("a bad one", |screen| has_row(screen, &["✗", "/signed"]));
    std::fs::write(house.path("pm.secret"), SECRET).unwrap();
    pty.signal(Signal::HUP);
    pty.wait_for("re-checked 2, 1 changed");
    pty.wait_until("a good one", |screen| has_row(screen, &["✓", "/signed"]));
    std::fs::remove_file(house.path("pm.secret")).unwrap();
    pty.signal(Signal::HUP);
    pty.wait_for("cannot read the secret");
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
}

#[test]
fn a_hangup_with_nothing_new_to_read_ends_the_screen() {
    let house = House::new();
    std::fs::write(house.path("pm.secret"), "one").unwrap();
    let (pty, _) = house.start();
    std::fs::write(house.path("pm.secret"), "another").unwrap();
    pty.signal(Signal::HUP);
    pty.wait_for("re-checked 0, 0 changed");
    pty.signal(Signal::HUP);
    assert_eq!(ended(pty), 129);
}

/// A shell that leads the session runs the program; when the shell is gone, the system takes the terminal away.
#[test]
fn it_ends_when_the_terminal_is_gone() {
    for form in ["tui", "line"] {
        let house = House::new();
        let arguments: Vec<String> = house.arguments().iter().map(|part| format!("'{}'", part.display())).collect();
        let (code, leader) = (house.path("code"), house.path("leader"));
        let run = format!(
            "trap : HUP; '{}' {} --output {form}; echo $? >'{}'",
            env!("CARGO_BIN_EXE_hookview"),
            arguments.join(" "),
            code.display()
        );
        let script = house.script("run.sh", &run);
        let pty =
            PtyCommand::new("sh").args(["-c", &format!("echo $$ >'{}'; '{}'; :", leader.display(), script.display())]);
        let pty = pty.start();
        pty.wait_for(if form == "tui" { "hookview  http://" } else { "listening on http://" });
        let leader = rustix::process::Pid::from_raw(file(&leader).trim().parse().unwrap()).unwrap();
        rustix::process::kill_process(leader, Signal::KILL).unwrap();
        pty.wait_ended();
        assert_eq!(file(&code), "129\n", "{form}");
    }
}
