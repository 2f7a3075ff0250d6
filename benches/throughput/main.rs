//! Requests a second, side by side: a bare hyper server that reads the body and answers 200, and hookview verifying,
//! storing and answering after the commit, without rules and with a hundred. `cargo bench --bench throughput [-- SECONDS ROUNDS]`
//!
//! Each server is a process of its own (this program again), so that their CPU times can be told apart; rounds
//! alternate, so that a noisy machine hits all alike, and ratios are taken within a round. The load comes from one
//! thread here, over raw sockets, with a signed webhook of about 3 KB.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run fails")]

mod load;
mod servers;

use std::path::Path;
use std::time::Duration;

use hookview::capture::Mark;
use hookview::store::{Location, Options, Store};

use load::Load;
use servers::{Kind, Server};

/// What is compared, the measure of all first.
const KINDS: [Kind; 4] = [Kind::Bare, Kind::Full, Kind::Rules, Kind::Normal];
/// Connections that stay open, each with one request at a time.
const CONNECTIONS: usize = 64;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, kind, path] = &arguments[..]
        && flag == servers::FLAG
    {
        return servers::serve(kind.parse().unwrap(), Path::new(path));
    }
    // Without this, cargo only wants to know whether it runs.
    let measures = arguments.iter().any(|argument| argument == "--bench");
    let mut numbers = arguments.iter().filter(|argument| argument.parse::<f64>().is_ok());
    let seconds = numbers.next().map_or(if measures { 3.0 } else { 0.2 }, |seconds| seconds.parse().unwrap());
    let rounds = numbers.next().map_or(if measures { 5 } else { 1 }, |rounds| rounds.parse().unwrap());
    let time = Duration::from_secs_f64(seconds);

    let directory = tempfile::tempdir().unwrap();
    let servers = KINDS.map(|kind| Server::start(kind, directory.path()));
    println!("{rounds} rounds of {seconds} s; {} bytes a request", load::request("127.0.0.1:9000").len());
    println!("\n{CONNECTIONS} connections that stay open");
    compare(&servers, rounds, |port, server| Load::new(port, CONNECTIONS).run(time, server));
    println!("\none sender, a new connection for each request");
    compare(&servers, rounds, |port, server| load::connect_each(port, time, server));
    for server in servers {
        let acknowledged = server.acknowledged.get();
        let kind = server.kind;
        server.stop();
        if let Some(store) = kind.store(directory.path()) {
            check(kind, &store, acknowledged);
        }
    }
}

/// What a round came to.
#[derive(Clone, Copy)]
struct Round {
    requests_per_s: f64,
    /// CPU seconds of the server for a thousand requests.
    cpu_per_1k: f64,
    p99: Duration,
}

/// Loads each server in turn, round after round, and prints the medians.
fn compare(servers: &[Server], rounds: usize, load: impl Fn(u16, &Server) -> Round) {
    let mut results = vec![Vec::new(); servers.len()];
    for _ in 0..rounds {
        for (server, results) in servers.iter().zip(&mut results) {
            results.push(load(server.port, server));
        }
    }
    println!("{:<28} {:>9} {:>17} {:>7} {:>8} {:>12}", "", "req/s", "min..max", "ratio", "p99 ms", "CPU s/1k");
    for (server, rounds) in servers.iter().zip(&results) {
        let rate = sorted(rounds.iter().map(|round| round.requests_per_s));
        let ratio = sorted(rounds.iter().zip(&results[0]).map(|(own, bare)| own.requests_per_s / bare.requests_per_s));
        let p99 = sorted(rounds.iter().map(|round| round.p99.as_secs_f64() * 1e3));
        let cpu = sorted(rounds.iter().map(|round| round.cpu_per_1k));
        println!(
            "{:<28} {:>9.0} {:>17} {:>7.2} {:>8.2} {:>12.4}",
            server.kind.describe(),
            middle(&rate),
            format!("{:.0}..{:.0}", rate[0], rate[rate.len() - 1]),
            middle(&ratio),
            middle(&p99),
            middle(&cpu),
        );
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn middle(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}

/// Nothing that was acknowledged may be missing, and every signature must have been found to hold.
fn check(kind: Kind, path: &Path, acknowledged: u64) {
    let store = Store::open_existing(&Location::File(path.to_owned()), Options::default()).unwrap();
    let kept = store.summaries().unwrap();
    let numbered = kept.last().unwrap().id.0;
    assert!(numbered >= acknowledged, "{numbered} captures for {acknowledged} answers");
    assert!(kept.iter().all(|row| row.mark == Mark::Verified && row.status == 200));
    println!("{}: {acknowledged} answers, {numbered} captures, {} kept", kind.describe(), kept.len());
}
