//! Commands: what they get, what is kept of them, and that they end.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hookview::capture::{Capture, Run, RunOutcome};
use hookview::rules::{Command, Plan, Source};
use tempfile::TempDir;

use crate::stage::{House, LONG, answer, command, made_by, ready, shell};

fn place() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Runs a command that makes the answer; gives status, body, note, and the run.
async fn answered(house: &House, command: Command, capture: &Arc<Capture>) -> (u16, String, String, Run) {
    let answer = house.carry_out(made_by(Source::Output(command)), capture).await;
    let run = house.runs(capture.id.0, 1).await.pop().unwrap();
    (answer.status, String::from_utf8_lossy(&answer.body).into_owned(), answer.note, run)
}

fn pipe(place: &Path, name: &str) -> std::path::PathBuf {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let path = place.join(name);
    mknodat(CWD, &path, FileType::Fifo, Mode::RWXU, 0).unwrap();
    path
}

#[tokio::test]
async fn gets_the_body_the_facts_and_a_place_and_makes_the_answer() {
    let (place, house) = (place(), House::open());
    let script = "cat; echo; pwd -P; echo $MORE $HOOKVIEW_METHOD $HOOKVIEW_PATH $HOOKVIEW_QUERY; echo $HOOKVIEW_HEADER_X_EVENT; \
                  echo \"$0 $*\"; echo aside >&2";
    let mut told = command(&["sh", "-c", script, "zero", "$(id); `id`"], place.path());
    told.environment.push(("MORE".to_owned(), "more".to_owned()));
    let house = house.plans(move |_| made_by(Source::Output(told.clone())));
    let answer = house
        .exchange("POST /in/$(id)?a=;id HTTP/1.1\r\nHost: h\r\nX-Event: $(touch x)\r\nConnection: close\r\nContent-Length: 3\r\n\r\n{;}")
        .await;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let real = place.path().canonicalize().unwrap();
    let expected = format!("{{;}}\n{}\nmore POST /in/$(id) a=;id\n$(touch x)\nzero $(id); `id`\n", real.display());
    assert!(head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"), "{head}");
    assert_eq!(body, expected);
    assert_eq!(std::fs::read_dir(&real).unwrap().count(), 0, "nothing was executed");
    let [run] = house.runs(1, 1).await.try_into().unwrap();
    assert_eq!((run.outcome, &*run.stderr, run.rule.as_str()), (RunOutcome::Exited(0), &b"aside\n"[..], "r"));
    assert_eq!(run.command[3..], ["zero", "$(id); `id`"]);
    assert!(run.took_us > 0);
}

#[tokio::test]
async fn large_bodies_pass_both_ways_and_what_is_kept_has_a_limit() {
    let (place, house) = (place(), House::open());
    let body = vec![b'x'; 8 << 20];
    let capture = house.capture(body).await;
    let scripts = [("cat", 8 << 20), ("true", 0), ("head -c 5000000 /dev/zero; cat >/dev/null", 5_000_000)];
    for (script, total) in scripts {
        let (status, _, note, _) = answered(&house, shell(script, place.path()), &capture).await;
        let run = house.runs(capture.id.0, 1).await.pop().unwrap();
        assert_eq!((run.outcome, run.stdout_total), (RunOutcome::Exited(0), total), "{script}");
        assert_eq!(run.stdout.len() as u64, total.min(1 << 20), "{script}");
        assert_eq!(status, if total > 1 << 20 { 500 } else { 200 }, "{script}: {note}");
    }
}

#[tokio::test]
async fn one_that_fails_is_a_500_that_tells_the_client_nothing() {
    let (place, house) = (place(), House::open());
    let capture = house.capture("{}").await;
    let (status, body, note, run) = answered(&house, shell("echo secret >&2; exit 3", place.path()), &capture).await;
    assert_eq!((status, body.as_str()), (500, "The command that answers failed.\n"));
    assert_eq!(
        (note.as_str(), run.outcome, &*run.stderr),
        ("sh ended with exit code 3", RunOutcome::Exited(3), &b"secret\n"[..])
    );
    let killed = answered(&house, shell("kill -9 $$", place.path()), &house.capture("").await).await;
    assert_eq!((killed.0, killed.3.outcome), (500, RunOutcome::Killed(9)));
}

#[tokio::test]
async fn one_that_cannot_be_started_says_why() {
    let (place, house) = (place(), House::open());
    std::fs::write(place.path().join("text"), "x").unwrap();
    let missing = place.path().join("missing");
    let cases = [
        (command(&["no-such-program"], place.path()), "there is no program no-such-program: give its path"),
        (command(&["./text"], place.path()), "./text may not be executed: make it executable"),
        (command(&["echo", "a\0b"], place.path()), "echo was to get an argument or a variable with a NUL byte"),
        (command(&["true"], &missing), "its working directory "),
        (command(&[], place.path()), "the rule names no program"),
    ];
    for (command, sentence) in cases {
        let capture = house.capture("").await;
        let (status, _, note, run) = answered(&house, command, &capture).await;
        assert!(status == 500 && note.starts_with(sentence), "{status} {note}");
        assert_eq!(run.outcome, RunOutcome::NotStarted(note));
    }
}

#[tokio::test]
async fn after_its_time_it_is_ended_with_all_that_it_started() {
    let (place, house) = (place(), House::open());
    let held = pipe(place.path(), "held");
    let reader = std::thread::spawn(move || std::fs::read(held).unwrap());
    // Neither listens to TERM, and one is a grandchild in the background.
    let script = "trap '' TERM; (trap '' TERM; sleep 600) >held & echo before; sleep 600";
    let limited = Command { time_limit: Duration::from_secs(2), ..shell(script, place.path()) };
    let (status, _, note, run) = answered(&house, limited, &house.capture("{}").await).await;
    assert_eq!((status, note.as_str()), (500, "sh was ended after 2000 ms"));
    assert_eq!((run.outcome, &*run.stdout), (RunOutcome::TimedOut(2000), &b"before\n"[..]));
    // Ends when the last writer is gone.
    assert_eq!(reader.join().unwrap(), b"");
}

#[tokio::test]
async fn one_that_leaves_its_group_and_holds_the_output_is_not_waited_for() {
    let (place, house) = (place(), House::open());
    let limited = Command { time_limit: Duration::from_millis(200), ..shell("setsid sleep 5 & echo $!", place.path()) };
    let capture = house.capture("{}").await;
    let run = tokio::time::timeout(LONG, answered(&house, limited, &capture)).await.unwrap().3;
    assert_eq!(run.outcome, RunOutcome::TimedOut(200));
    assert!(run.took_us < 4_000_000, "{}", run.took_us);
}

#[tokio::test]
async fn what_it_leaves_behind_without_holding_the_output_lives_on() {
    let (place, house) = (place(), House::open());
    let gate = pipe(place.path(), "gate");
    let script = "(cat gate >got; mv got done) >/dev/null 2>&1 &";
    let run = answered(&house, shell(script, place.path()), &house.capture("").await).await.3;
    assert_eq!(run.outcome, RunOutcome::Exited(0));
    tokio::task::spawn_blocking(move || std::fs::write(gate, "lives").unwrap()).await.unwrap();
    let done = async {
        while !place.path().join("done").exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, done).await.unwrap();
    assert_eq!(std::fs::read(place.path().join("done")).unwrap(), b"lives");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn none_stays_as_a_zombie() {
    let (place, house) = (place(), House::open());
    for script in ["echo $$", "echo $$; kill -9 $$", "echo $$; exec sleep 600"] {
        let limited = Command { time_limit: Duration::from_secs(2), ..shell(script, place.path()) };
        let run = answered(&house, limited, &house.capture("").await).await.3;
        let id: u32 = String::from_utf8_lossy(&run.stdout).trim().parse().unwrap();
        assert!(!Path::new(&format!("/proc/{id}")).exists(), "{script}: {:?}", run.outcome);
    }
}

#[tokio::test]
async fn so_many_run_at_once_so_many_wait_and_more_are_refused() {
    let (place, house) = (place(), House::open());
    let gate = pipe(place.path(), "gate");
    let script = "echo begin >>log; cat gate >/dev/null; echo end >>log";
    let one = Command { at_once: 1, queue: 1, ..shell(script, place.path()) };
    let plan = || made_by(Source::Output(one.clone()));
    let first = house.service.carry_out(plan(), house.capture("1").await).await;
    let log = || std::fs::read_to_string(place.path().join("log")).unwrap_or_default();
    let begun = async {
        while log().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, begun).await.unwrap();
    // One of these waits, the other is refused.
    let second = house.service.carry_out(plan(), house.capture("2").await).await;
    let third = house.service.carry_out(plan(), house.capture("3").await).await;
    let (mut second, mut third) = (Box::pin(answer(second)), Box::pin(answer(third)));
    let refused = tokio::select! { refused = &mut second => refused, refused = &mut third => refused };
    assert_eq!((refused.status, refused.note.as_str()), (503, "sh was not started: too many are waiting already"));
    assert!(refused.headers.has("Retry-After"));
    assert_eq!(log(), "begin\n");
    let open = async || {
        let gate = gate.clone();
        tokio::task::spawn_blocking(move || std::fs::write(gate, "").unwrap()).await.unwrap();
    };
    open().await;
    assert_eq!(answer(first).await.status, 200);
    open().await;
    let mut runs = Vec::new();
    for capture in 1..=3 {
        runs.extend(house.runs(capture, 1).await);
    }
    assert_eq!(log(), "begin\nend\nbegin\nend\n");
    assert_eq!(runs.iter().filter(|run| run.outcome == RunOutcome::Refused).count(), 1);
    assert_eq!(runs.len(), 3);
}

#[tokio::test]
async fn several_run_in_their_order_beside_the_answer() {
    let (place, house) = (place(), House::open());
    let gate = pipe(place.path(), "gate");
    let commands = vec![
        shell("cat gate; echo 1 >>log", place.path()),
        shell("echo 2 >>log; exit 1", place.path()),
        shell("echo 3 >>log", place.path()),
    ];
    let capture = house.capture("").await;
    let answer = house.carry_out(Plan { commands, ..ready() }, &capture).await;
    assert_eq!(&*answer.body, b"ours\n", "and it did not wait");
    tokio::task::spawn_blocking(move || std::fs::write(gate, "").unwrap()).await.unwrap();
    let outcomes: Vec<_> = house.runs(capture.id.0, 3).await.into_iter().map(|run| run.outcome).collect();
    assert_eq!(outcomes, [RunOutcome::Exited(0), RunOutcome::Exited(1), RunOutcome::Exited(0)]);
    assert_eq!(std::fs::read_to_string(place.path().join("log")).unwrap(), "1\n2\n3\n");
}

#[tokio::test]
async fn a_client_that_goes_does_not_end_it() {
    let (place, house) = (place(), House::open());
    let gate = pipe(place.path(), "gate");
    let capture = house.capture("").await;
    let plan = made_by(Source::Output(shell("cat gate", place.path())));
    drop(house.service.carry_out(plan, capture.clone()).await);
    tokio::task::spawn_blocking(move || std::fs::write(gate, "still here").unwrap()).await.unwrap();
    assert_eq!(&*house.runs(capture.id.0, 1).await[0].stdout, b"still here");
}

#[tokio::test]
async fn all_end_with_the_program() {
    let (place, house) = (place(), House::open());
    let script = "trap 'echo asked; exit 7' TERM; echo here >here; while :; do sleep 0.05; done";
    let (running, next) = (shell(script, place.path()), shell("echo never", place.path()));
    let capture = house.capture("").await;
    house.carry_out(Plan { commands: vec![running, next], ..ready() }, &capture).await;
    let here = async {
        while !place.path().join("here").exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, here).await.unwrap();
    tokio::time::timeout(LONG, house.shut_down()).await.unwrap();
    let [ended, never] = house.service.store.runs(capture.id).unwrap().try_into().unwrap();
    assert_eq!((ended.outcome, &*ended.stdout), (RunOutcome::Exited(7), &b"asked\n"[..]));
    assert_eq!(never.outcome, RunOutcome::NotStarted("hookview was stopped first".to_owned()));
}
