//! What the command line takes, refuses and shows.

use std::net::IpAddr;
use std::time::Duration;

use clap::CommandFactory as _;
use insta::assert_snapshot;

use super::*;
use crate::capture::{CaptureId, Header, Signing};
use crate::config::{Enforce, RulesChoice, SecretOrigin};

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

fn overrides(line: &str) -> Overrides {
    parse(line).unwrap().overrides()
}

/// The first line of the complaint.
fn complaint(line: &str) -> String {
    parse(line).unwrap_err().to_string().lines().next().unwrap_or_default().to_owned()
}

#[test]
fn the_types_hold_together() {
    Cli::command().debug_assert();
}

#[test]
fn every_short_help_fits_a_small_terminal_with_one_line_an_option() {
    let mut commands = vec![Cli::command().term_width(80)];
    let subcommands: Vec<_> = commands[0].get_subcommands().cloned().collect();
    commands.extend(subcommands.into_iter().map(|command| command.term_width(80)));
    for mut command in commands {
        let help = command.render_help().to_string();
        assert!(help.lines().count() < 45 && help.lines().all(|line| line.len() <= 80), "{help}");
        assert!(!help.lines().any(|line| line.trim_start().starts_with('-') && line.ends_with('>')), "{help}");
    }
}

#[test]
fn the_short_help_reads_well() {
    assert_snapshot!(Cli::command().term_width(80).render_help(), @r#"
    Capture webhooks: see them, check their signatures, copy them, send them again

    Usage: hookview [OPTIONS]
           hookview <COMMAND>

    Commands:
      tail       Receive, one line a capture: for screen readers and logs
      list       List captures
      show       Print a capture
      resend     Send captures again
      sample     Send an example of what a known sender sends, signed
      verify     Say whether a signature holds, and why not
      sign       Print the header lines that sign a request
      schemes    List the signature schemes, or explain one
      rules      Check a rules file, and say what it makes of a capture
      condition  Say whether a webhook's conditions would let it fire, and why not
      lint       Say what is wrong with what captures say
      render     Say what a webhook's template makes of a capture
      diff       Say what differs between two captures, by meaning

    Options:
      -p, --port <PORT>                Port to listen on [default: 9000]
      -b, --bind <ADDR>                Address to listen on [default: loopback]
          --tls                        Speak TLS on the port, too
          --rules <FILE>               File with rules for what is answered
          --status <CODE>              Answer with this status [default: 200]
          --delay <TIME>               Wait before answering: 2s, or 1s-3s
          --fail-first <N>             Answer 503 to the first N
          --forward <URL>              Send everything on to this URL
          --secret <[NAME=]SECRET>     Secret; visible to others: prefer a file
          --secret-file <[NAME=]PATH>  File with a secret
          --scheme <ID>                Signature scheme, instead of finding it
          --enforce [<STATUS>]         Answer 401 or 403 to what is not valid
          --store <PATH>               File that keeps captures, or `memory`
          --session <NAME>             Collection of captures [default: default]
          --config <PATH>              Configuration file
      -o, --output <HOW>               Show captures as tui, text, line or json
          --ca-file <PEM>              Trust these certificates when sending
          --insecure                   Trust every certificate when sending
      -h, --help                       Print help (see more with '--help')
      -V, --version                    Print version
    "#);
}

#[test]
fn without_a_word_it_receives() {
    let cli =
        parse("hookview -p 0 --bind ::1 --bind [::] --keep 5 --max-body 1k --no-headers --no-handshakes").unwrap();
    assert!(cli.command.is_none());
    let overrides = cli.overrides();
    assert_eq!(overrides.bind, ["::1", "::"].map(|address| address.parse::<IpAddr>().unwrap()));
    assert_eq!((overrides.port, overrides.keep, overrides.max_body), (Some(0), Some(5), Some(1024)));
    assert!(overrides.no_headers && overrides.no_handshakes && overrides.output.is_none());
    assert_eq!(overrides.config, None);
}

#[test]
fn tail_is_another_word_for_lines() {
    assert_eq!(overrides("hookview tail --utc").output, Some(Output::Line));
    assert_eq!(overrides("hookview tail -o json").output, Some(Output::Json));
}

#[test]
fn secrets_keep_their_order() {
    let overrides = overrides("hookview sample x --secret-file f=p --secret a=b --secret c");
    let names: Vec<_> = overrides.secrets.iter().map(|secret| secret.name.as_deref()).collect();
    assert_eq!(names, [Some("a"), None, Some("f")]);
}

#[test]
fn captures_are_named_with_or_without_the_sign() {
    let Some(Command::Resend(args)) = parse("hookview resend 3 #17 --sign pm --times 2 --pause 1s").unwrap().command
    else {
        panic!("another command");
    };
    assert_eq!(args.ids, [CaptureId(3), CaptureId(17)]);
    assert_eq!((args.sign, args.times), (Some(Signing::With("pm".to_owned())), 2));
    assert_eq!((args.pause, args.time_limit), (Duration::from_secs(1), Duration::from_secs(5)));
}

#[test]
fn every_command_says_where_its_captures_are() {
    for command in ["", "tail", "list", "show 1", "resend 1", "sample x", "verify 1", "sign --scheme x", "schemes"] {
        let overrides = overrides(&format!("hookview {command} --store memory --session s --config c"));
        assert_eq!((overrides.store, overrides.session.as_deref()), (Some(StoreChoice::Memory), Some("s")));
        assert_eq!(overrides.config, Some("c".into()), "{command}");
    }
}

#[test]
fn shared_options_may_stand_before_the_command() {
    for command in ["tail", "list", "show 1", "resend 1", "sample x", "verify 1", "sign --scheme x", "schemes"] {
        let overrides = overrides(&format!("hookview --store memory --session=s {command} --config c"));
        assert_eq!((overrides.store, overrides.session.as_deref()), (Some(StoreChoice::Memory), Some("s")));
        assert_eq!(overrides.config, Some("c".into()), "{command}");
    }
    assert_eq!(overrides("hookview --session a list --session b").session.as_deref(), Some("b"));
}

fn verify(arguments: &[&str]) -> VerifyArgs {
    let cli = Cli::try_parse_from(["hookview", "verify"].iter().chain(arguments)).unwrap();
    let Some(Command::Verify(args)) = cli.command else { panic!("another command") };
    *args
}

#[test]
fn secrets_of_verify_and_sign_are_taken_as_they_are() {
    let secrets = ["--secret", "a=b", "--secret=-x", "--secret", " == ", "--scheme", "x"];
    assert_eq!(verify(&secrets).secrets.secret, ["a=b", "-x", " == "]);
}

#[test]
fn header_lines_keep_their_bytes() {
    use std::os::unix::ffi::OsStringExt as _;
    let line = std::ffi::OsString::from_vec(b"X-Odd name:\t \xff: \x01 ".to_vec());
    let cli = Cli::try_parse_from(["hookview".into(), "verify".into(), "--header".into(), line]).unwrap();
    let Some(Command::Verify(args)) = cli.command else { panic!("another command") };
    let header = |name: &'static str, value: &'static [u8]| Header { name: name.into(), value: value.into() };
    assert_eq!(args.request.header, [header("X-Odd name", b"\xff: \x01")]);
    let args = verify(&["--header", "A:", "--header", "A: b", "--header", "A:  "]);
    assert_eq!(args.request.header, [header("A", b""), header("A", b"b"), header("A", b"")]);
}

#[test]
fn times_are_seconds_or_written_out() {
    let at = |text| verify(&["--scheme", "x", "--at", text]).at.unwrap().timestamp_millis();
    assert_eq!(at("1767225600"), 1_767_225_600_000);
    assert_eq!(at("1767225600.25"), 1_767_225_600_250);
    assert_eq!(at("2026-01-01T01:00:00.5+01:00"), 1_767_225_600_500);
}

#[test]
fn a_url_stays_as_it_is_but_for_its_fragment() {
    let url = |text| verify(&["--url", text]).request.url.unwrap();
    assert_eq!(url("https://H.example:443/a%7e?b=c d#e"), "https://H.example:443/a%7e?b=c d");
    assert_eq!((url("/a?b"), url("http://h")), ("/a?b".to_owned(), "http://h".to_owned()));
}

#[test]
fn without_a_capture_no_store_is_looked_for() {
    assert_eq!(overrides("hookview verify 1").store, None);
    for command in ["verify --scheme x", "sign --scheme x", "schemes"] {
        assert_eq!(overrides(&format!("hookview {command}")).store, Some(StoreChoice::Memory), "{command}");
    }
}

#[test]
fn what_is_wrong_is_told_without_the_secret() {
    let lines = [
        "hookview --port 70000",
        "hookview --bind localhost",
        "hookview --output jsno",
        "hookview --max-body 1GiB",
        "hookview --keep-bytes lots",
        "hookview --secret=",
        "hookview --store=",
        "hookview --port 1 list",
        "hookview --secret a=b --store memory sample x",
        "hookview --utc tail",
        "hookview lits",
        "hookview show seventeen",
        "hookview show 1 --as pdf",
        "hookview resend",
        "hookview resend 1 --times 0",
        "hookview resend 1 --sign=",
        "hookview resend 1 --pause 5",
        "hookview sample --list --to x",
        "hookview verify",
        "hookview verify 1 --body x",
        "hookview verify --scheme x --header nothing",
        "hookview verify --scheme x --header :value",
        "hookview verify --scheme x --secret=",
        "hookview verify --scheme x --at noon",
        "hookview verify --scheme x --url h.example",
        "hookview verify --scheme x --method=",
        "hookview sign",
    ];
    assert_snapshot!(lines.map(complaint).join("\n"), @r#"
    error: invalid value '70000' for '--port <PORT>': 70000 is not in 0..=65535
    error: invalid value 'localhost' for '--bind <ADDR>': an address is numeric and has no port, like 127.0.0.1, ::1 or 0.0.0.0
    error: invalid value 'jsno' for '--output <HOW>'
    error: invalid value '1GiB' for '--max-body <SIZE>': the most is 256MiB
    error: invalid value 'lots' for '--keep-bytes <SIZE>': a size is a whole number and a unit, like 512, 64k, 10MiB or 1GiB
    error: invalid value '' for '--secret <[NAME=]SECRET>': it is empty: is a variable not set?
    error: invalid value '' for '--store <PATH>': it is empty: say auto, memory or the path of a file
    error: the subcommand 'list' cannot be used with '--port <PORT>'
    error: '--secret <[NAME=]SECRET>' comes after the subcommand: hookview sample --secret <[NAME=]SECRET>
    error: '--utc' comes after the subcommand: hookview tail --utc
    error: unrecognized subcommand 'lits'
    error: invalid value 'seventeen' for '<ID>': a capture has a number, as in the list: 17
    error: invalid value 'pdf' for '--as <FORM>'
    error: the following required arguments were not provided:
    error: invalid value '0' for '--times <N>': 0 is not in 1..=4294967295
    error: invalid value '' for '--sign <NAME>': it is empty: name a secret, or say captured or none
    error: invalid value '5' for '--pause <TIME>': a time is a whole number and a unit, like 500ms, 30s, 2m or 1h
    error: the argument '--list' cannot be used with '--to <URL>'
    error: the following required arguments were not provided:
    error: the argument '[ID]' cannot be used with '--body <FILE>'
    error: invalid value 'nothing' for '--header <LINE>': a header line is a name, a colon and a value, like 'X-Signature: 5257a8'
    error: invalid value ':value' for '--header <LINE>': a header line is a name, a colon and a value, like 'X-Signature: 5257a8'
    error: invalid value '' for '--secret <SECRET>': it is empty: is a variable not set?
    error: invalid value 'noon' for '--at <TIME>': a time is a number of seconds since 1970, or like 2026-01-31T12:00:00Z
    error: invalid value 'h.example' for '--url <URL>': a URL begins with http:// or https:// and a host; a path begins with /
    error: a value is required for '--method <METHOD>' but none was supplied
    error: the following required arguments were not provided:
    "#);
}

#[test]
fn how_strictly_signatures_are_checked() {
    let enforce = |line| overrides(line).enforce;
    assert_eq!(enforce("hookview"), None);
    assert_eq!(enforce("hookview --enforce --port 0"), Some(Enforce::Yes));
    assert_eq!(enforce("hookview tail --enforce 401"), Some(Enforce::With(401)));
    assert_eq!(enforce("hookview --enforce=403"), Some(Enforce::With(403)));
    assert!(complaint("hookview --enforce 200").contains("it is 401 or 403, or left out"));
    assert_eq!(overrides("hookview --public-url https://a.example").public_url.as_deref(), Some("https://a.example"));
    assert!(complaint("hookview --public-url a.example").contains("begins with https:// or http://"));
    for line in ["hookview --schemes s.toml", "hookview --schemes s.toml list", "hookview sample x --schemes s.toml"] {
        assert_eq!(overrides(line).schemes, Some("s.toml".into()), "{line}");
    }
    let command = overrides("hookview resend 1 --secret-command pm=pass").secrets.remove(0);
    assert_eq!((command.name.as_deref(), command.origin), (Some("pm"), SecretOrigin::Command("pass".to_owned())));
}

#[test]
fn answers_are_told_in_one_line() {
    let Overrides { rules, everyday, .. } = Cli::try_parse_from([
        "hookview",
        "--rules",
        "none",
        "--status",
        "202",
        "--header",
        "X-A: b: c",
        "--body",
        "",
        "--delay",
        "1s-3s",
        "--fail-first",
        "2",
        "--forward",
        "http://localhost:8080/in",
        "--auth",
        "bearer T",
        "--cors",
    ])
    .unwrap()
    .overrides();
    assert_eq!(rules, Some(RulesChoice::None));
    assert_eq!((everyday.status, everyday.fail_first, everyday.cors), (Some(202), Some(2), true));
    assert_eq!(everyday.headers, [("X-A".to_owned(), "b: c".to_owned())]);
    assert_eq!(everyday.body.as_deref(), Some(&b""[..]));
    assert_eq!(everyday.delay.map(|delay| delay.most), Some(Duration::from_secs(3)));
    assert_eq!(everyday.forward.map(|url| url.to_string()).as_deref(), Some("http://localhost:8080/in"));
    assert_eq!(everyday.auth, Some(crate::rules::Login::Bearer("T".to_owned())));
    for (line, reason) in [
        ("--status 99", "a status is a number from 200 to 599"),
        ("--delay soon", "write a time like 500ms or 2s"),
        ("--fail-first 0", "it is a number from 1 on"),
        ("--auth me", "write user:password"),
        ("--header nothing", "write it as"),
    ] {
        let complaint = complaint(&format!("hookview {line}"));
        assert!(complaint.contains(reason), "{complaint}");
    }
}

#[test]
fn rules_are_looked_at_with_a_capture_or_as_an_example() {
    let Some(Command::Rules(args)) = parse("hookview rules a.toml --capture #17 --store memory").unwrap().command
    else {
        panic!("another command");
    };
    assert_eq!((args.file, args.capture), (Some("a.toml".into()), Some(CaptureId(17))));
    assert!(complaint("hookview rules --example a.toml").contains("cannot be used with"));
    assert!(complaint("hookview --fail-first 0").contains("it is a number from 1 on"));
}
