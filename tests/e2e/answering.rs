//! Answering by rules: the file found, refused, watched; one-line forms; what is told of it without a screen.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::headless::{Headless, started};
use super::{House, exchange};

/// A rule that answers a path with a status.
fn rule(name: &str, path: &str, status: u16) -> String {
    format!("[[rule]]\nname = \"{name}\"\nwhen = {{ path = \"{path}\" }}\nanswer = {status}\n")
}

impl House {
    /// A directory to start in, with this as its hookview.toml.
    fn project(&self, rules: &str) -> Command {
        let directory = self.path("project");
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("hookview.toml"), rules).unwrap();
        let mut command = self.hookview(&["--port", "0", "--bind", "127.0.0.1"]);
        command.current_dir(directory).stdout(Stdio::null());
        command
    }

    /// The captures, as JSON.
    fn listed(&self) -> Vec<Value> {
        let listed = String::from_utf8(self.run(&["list", "--json"]).stdout).unwrap();
        listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn status(address: SocketAddr, path: &str) -> u16 {
    let request = format!("POST {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx");
    exchange(address, request.as_bytes()).split(' ').nth(1).unwrap().parse().unwrap()
}

/// How a program ends that does not start, without the house's directory.
fn refused(house: &House, command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said.replace(house.directory.path().to_str().unwrap(), "").trim_end().to_owned())
}

#[test]
fn a_file_in_the_current_directory_is_found_watched_and_read_again() {
    let house = House::new();
    let (child, mut said, address) = started(&mut house.project(&rule("one", "/a", 201)));
    let _running = Headless::of(child, address);
    let mut says = || said.next().unwrap().unwrap();
    assert_eq!(says(), "rules: hookview.toml: 1 rule in force");
    assert_eq!(status(address, "/a"), 201);
    let file = house.path("project/hookview.toml");

    // As editors do: another file, renamed over it.
    fs::write(house.path("project/new"), rule("one", "/a", 202) + &rule("two", "/b", 203)).unwrap();
    fs::rename(house.path("project/new"), &file).unwrap();
    assert_eq!(says(), "hookview: hookview.toml: 2 rules in force");
    assert_eq!([status(address, "/a"), status(address, "/b")], [202, 203]);

    // A mistake is told, and what was in force stays in force.
    fs::write(&file, "[[rule]]\nname = \"one\"\nwhen = { pth = \"/a\" }\n").unwrap();
    let mistake = says();
    assert!(mistake.starts_with("hookview: hookview.toml:3: "), "{mistake}");
    assert!(mistake.contains("path") && mistake.ends_with("; the old rules stay"), "{mistake}");
    assert_eq!([status(address, "/a"), status(address, "/b")], [202, 203]);

    // As others do: deleted first.
    fs::remove_file(&file).unwrap();
    assert_eq!(says(), "hookview: no rules file is in force");
    assert_eq!(status(address, "/a"), 200);
    fs::write(&file, rule("one", "/a", 204)).unwrap();
    assert_eq!(says(), "hookview: hookview.toml: 1 rule in force");
    assert_eq!(status(address, "/a"), 204);

    // A link to another place, which is written there.
    fs::create_dir(house.path("elsewhere")).unwrap();
    fs::write(house.path("elsewhere/rules"), rule("one", "/a", 205)).unwrap();
    fs::remove_file(&file).unwrap();
    symlink(house.path("elsewhere/rules"), &file).unwrap();
    while status(address, "/a") != 205 {}
    fs::write(house.path("elsewhere/rules"), rule("one", "/a", 206)).unwrap();
    while status(address, "/a") != 206 {}
}

#[test]
fn a_file_beside_the_configuration_is_found_and_one_that_appears_later_too() {
    let house = House::new();
    house.configure("rules.toml", &rule("beside", "/a", 418));
    let mut running = house.receive(&[]);
    let named = running.says();
    assert!(named.ends_with("rules.toml: 1 rule in force"), "{named}");
    assert_eq!(running.post("/a", &[]).0, 418);
    let none = House::new();
    none.configure("config.toml", "");
    let mut running = none.receive(&[]);
    assert_eq!(running.post("/a", &[]).0, 200);
    none.configure("rules.toml", &rule("later", "/a", 418));
    assert!(running.says().ends_with("rules.toml: 1 rule in force"));
    assert_eq!(running.post("/a", &[]).0, 418);
}

#[test]
fn a_file_that_others_can_write_is_refused_with_what_mends_it() {
    let house = House::new();
    let mut project = house.project(&rule("one", "/a", 201));
    let file = house.path("project/hookview.toml");
    fs::set_permissions(&file, Permissions::from_mode(0o664)).unwrap();
    let (code, said) = refused(&house, &mut project);
    assert_eq!(
        (code, said.as_str()),
        (
            Some(2),
            "hookview: others may write the rules hookview.toml (mode 664), and rules can run commands: \
             `chmod go-w hookview.toml` mends it"
        )
    );
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(house.path("project"), Permissions::from_mode(0o777)).unwrap();
    let (code, said) = refused(&house, &mut project);
    assert_eq!(code, Some(2));
    assert!(
        said.ends_with("because everybody may write to the directory /project: `chmod o-w /project` mends it"),
        "{said}"
    );
}

#[test]
fn a_file_that_nobody_named_may_do_no_more_than_answer() {
    let house = House::new();
    let rules = rule("one", "/a", 201) + "\n[[rule]]\nname = \"deploy\"\nrun = { command = [\"true\"] }\n";
    let mut project = house.project(&rules);
    let (code, said) = refused(&house, &mut project);
    assert_eq!(
        (code, said.as_str()),
        (
            Some(2),
            "hookview: hookview.toml:6: rule `deploy` runs a command, and this file was only found in the current \
             directory: look at it, then say --rules hookview.toml, or --rules none to do without"
        )
    );
    let (child, mut said, address) = started(project.args(["--rules", "hookview.toml"]));
    let _running = Headless::of(child, address);
    assert_eq!(said.next().unwrap().unwrap(), "rules: hookview.toml: 2 rules in force");
    let (child, _, address) = started(house.project(&rules).args(["--rules", "none"]));
    let _other = Headless::of(child, address);
    assert_eq!(status(address, "/a"), 200);
    let missing = refused(&house, house.project("").args(["--rules", "missing.toml"]));
    assert_eq!(missing.0, Some(2));
    assert!(missing.1.starts_with("hookview: cannot read the rules missing.toml: "), "{}", missing.1);
}

/// Every edition answers the last of its rules with one of two statuses: half a file would answer 200.
#[test]
fn a_reload_under_load_never_answers_with_half_a_file() {
    let house = House::new();
    let edition = |status| {
        let filler: String = (0..400).map(|number| rule(&format!("filler-{number}"), "/other", 500)).collect();
        filler + &rule("last", "/a", status)
    };
    let (child, _said, address) = started(&mut house.project(&edition(201)));
    let _running = Headless::of(child, address);
    let file = house.path("project/hookview.toml");
    let done = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let load = || {
            let mut seen = Vec::new();
            while !done.load(Ordering::Relaxed) {
                seen.push(status(address, "/a"));
            }
            seen
        };
        let clients = [scope.spawn(load), scope.spawn(load)];
        for status in [202, 201, 202, 201, 203] {
            // In two pieces: what stands there in between is a file without an error.
            let text = edition(status);
            let (begin, end) = text.split_at(text.len() / 2 / 64 * 64);
            let mut open = fs::File::create(&file).unwrap();
            open.write_all(begin.as_bytes()).unwrap();
            open.sync_all().unwrap();
            open.write_all(end.as_bytes()).unwrap();
            while super::answering::status(address, "/a") != status {}
        }
        done.store(true, Ordering::Relaxed);
        clients.map(|client| client.join().unwrap()).concat()
    });
    assert!(seen.iter().all(|status| (201..=203).contains(status)), "{seen:?}");
    assert!(seen.contains(&201) && seen.contains(&202), "{seen:?}");
}

/// curl tries again after a 503, as its documentation says, and hookview sees that it does.
#[test]
fn a_client_that_tries_again_is_seen_to() {
    let house = House::new();
    let mut running = house.receive(&["--fail-first", "1"]);
    let url = format!("http://{}/hooks", running.address);
    let curl =
        Command::new("curl").args(["--silent", "--retry", "2", "--data", "x", "-w", "%{http_code}", &url]).output();
    assert!(String::from_utf8(curl.unwrap().stdout).unwrap().ends_with("200"));
    let listed = house.listed();
    assert_eq!(listed.iter().map(|one| one["answer"]["status"].clone()).collect::<Vec<_>>(), [json!(503), json!(200)]);
    assert_eq!(listed[0]["retry"], json!(null));
    let retry = &listed[1]["retry"];
    assert_eq!((&retry["of"], &retry["nth"], &retry["by"]), (&json!(1), &json!(1), &json!("bytes")));
    let text = String::from_utf8(house.run(&["show", "2"]).stdout).unwrap();
    assert!(text.contains("\nretry: 1 of #1, ") && text.contains(" after the one before, same bytes\n"), "{text}");
    assert_eq!(running.end(), Some(143));
}

#[test]
fn what_was_done_is_told_without_a_screen() {
    let house = House::new();
    let rules = "[[rule]]\nname = \"count\"\nanswer = { status = 202, delay = \"20ms\" }\n\
                 run = { command = [\"wc\", \"-c\"] }\n";
    let mut running = house.project(rules);
    let (child, _said, address) = started(running.args(["--rules", "hookview.toml"]));
    let mut running = Headless::of(child, address);
    assert_eq!(status(address, "/a"), 202);
    let told = || house.listed().remove(0);
    while told()["runs"] == json!([]) || told()["answer"]["ending"].is_null() {}
    let told = told();
    assert_eq!(told["answer"]["rule"], "count");
    assert_eq!(told["answer"]["play"], json!({"delay_ms": 20}));
    assert_eq!(told["answer"]["ending"]["kind"], "sent");
    assert_eq!(told["forwards"], json!([]));
    let run = &told["runs"][0];
    assert_eq!((&run["outcome"], &run["command"]), (&json!({"exited": 0}), &json!(["wc", "-c"])));
    assert_eq!(run["stdout"].as_str().map(str::trim), Some("1"));
    let text = String::from_utf8(house.run(&["show", "1"]).stdout).unwrap();
    assert!(
        text.contains("\nanswer: rule count; waited 0.02 s") && text.contains("\ncommand: wc -c: exit code 0"),
        "{text}"
    );
    assert_eq!(running.end(), Some(143));
}

#[test]
fn a_file_is_checked_and_explained() {
    let house = House::new();
    let (child, _said, address) = started(&mut house.project(""));
    let _running = Headless::of(child, address);
    status(address, "/b");
    let file = house.path("rules");
    let check = |text: &str, more: &[&str]| {
        fs::write(&file, text).unwrap();
        let output = house.run(&[&["rules", file.to_str().unwrap()], more].concat());
        let (out, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        (output.status.code(), (out + &said).replace(house.directory.path().to_str().unwrap(), ""))
    };
    let two = rule("one", "/a", 201) + &rule("two", "/b", 503);
    let (code, listed) = check(&two, &[]);
    assert_eq!(code, Some(0));
    assert!(listed.starts_with("/rules: 2 rules in force\n  1  one  ") && listed.contains("\n  5  two  "), "{listed}");
    let (code, explained) = check(&two, &["--capture", "1"]);
    assert_eq!(code, Some(0));
    assert!(explained.contains("  one  no       ") && explained.contains("  two  answers  "), "{explained}");
    assert!(explained.ends_with("#1 would be answered 503 by two\n"), "{explained}");
    let (code, said) = check("[[rule]]\nanswer = 99\n", &[]);
    assert_eq!(code, Some(2));
    assert!(said.starts_with("hookview: /rules:2: "), "{said}");
    assert_eq!(house.run(&["rules"]).status.code(), Some(1));
    assert!(house.run(&["rules", "--example"]).stdout.starts_with(b"# "));
}
