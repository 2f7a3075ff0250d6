//! Ends what rules have started when hookview itself is killed, and can end nothing any more.
//!
//! A shell in a group of its own holds the other end of a pipe, over which it is told the process groups that are there.
//! The system closes the pipe however hookview ends; what is still on the list is ended then. It is started with the first
//! command, and goes with hookview. (Linux can kill a child with its parent, which reaches no grandchildren, follows the
//! thread instead of the process, and takes code between fork and exec that no safe Rust can write.)

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::Pid;

/// `+ 17` puts a group on the list, `- 17` takes it off. Those on it at the end are asked to end, and after a second made to.
const SCRIPT: &str = r#"
groups=' '
while read -r sign group; do
    case "$sign$groups" in
        +*) groups="$groups$group " ;;
        *" $group "*) groups="${groups%%" $group "*} ${groups#*" $group "}" ;;
    esac
done
[ "$groups" = ' ' ] && exit
for group in $groups; do kill -s TERM -- "-$group"; done
sleep 1
for group in $groups; do kill -s KILL -- "-$group"; done
"#;

/// Knows the process groups that must not outlive hookview.
#[derive(Debug, Default)]
pub(super) struct Warden {
    list: Mutex<List>,
}

#[derive(Debug, Default)]
struct List {
    groups: BTreeSet<i32>,
    /// Who has the list, too; `None` before there is anything on it, and when it is known to be gone.
    shell: Option<Child>,
}

impl Warden {
    /// Has a group ended should hookview be killed from now on.
    pub(super) fn watch(&self, group: Pid) {
        if let Err(error) = self.list().add(group.as_raw_pid()) {
            tracing::warn!(%error, "the commands of rules would outlive a kill of hookview");
        }
    }

    /// Lets go of a group that is over: its number may soon be another's.
    pub(super) fn release(&self, group: Pid) {
        self.list().remove(group.as_raw_pid());
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl List {
    /// A shell that is gone is followed by one that is told the whole list.
    fn add(&mut self, group: i32) -> io::Result<()> {
        self.groups.insert(group);
        if self.tell(&line('+', group)) {
            return Ok(());
        }
        self.shell = Some(start()?);
        let whole: String = self.groups.iter().map(|group| line('+', *group)).collect();
        if self.tell(&whole) { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
    }

    /// A shell that is gone has nothing to forget.
    fn remove(&mut self, group: i32) {
        self.groups.remove(&group);
        self.tell(&line('-', group));
    }

    /// Whether there is a shell that could be told.
    fn tell(&mut self, lines: &str) -> bool {
        let Some(shell) = &mut self.shell else { return false };
        let told = shell.stdin.as_mut().is_some_and(|input| input.write_all(lines.as_bytes()).is_ok());
        if !told {
            // Nobody else asks how it ended.
            let _ = shell.try_wait();
            self.shell = None;
        }
        told
    }
}

fn line(sign: char, group: i32) -> String {
    format!("{sign} {group}\n")
}

fn start() -> io::Result<Child> {
    let mut shell = Command::new("sh");
    shell.args(["-c", SCRIPT, "hookview-warden"]).current_dir("/").process_group(0);
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    shell.spawn()
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    /// A process that lasts, with one of its own; as the leader of a group.
    fn lasting() -> (Child, Pid) {
        let mut command = Command::new("sh");
        let child = command.args(["-c", "sleep 600 & wait"]).process_group(0).spawn().unwrap();
        let group = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
        (child, group)
    }

    #[test]
    fn what_is_on_the_list_ends_with_hookview_and_nothing_else() {
        let warden = Warden::default();
        let mut all: Vec<(Child, Pid)> = (0..4).map(|_| lasting()).collect();
        for (_, group) in &all {
            warden.watch(*group);
        }
        warden.release(all[1].1);
        warden.release(all[3].1);
        drop(warden);
        for at in [0, 2] {
            assert!(all[at].0.wait().unwrap().signal().is_some());
        }
        for at in [1, 3] {
            assert!(all[at].0.try_wait().unwrap().is_none());
            rustix::process::kill_process_group(all[at].1, rustix::process::Signal::KILL).unwrap();
            all[at].0.wait().unwrap();
        }
    }

    #[test]
    fn a_shell_that_died_is_followed_by_one_that_knows_the_whole_list() {
        let warden = Warden::default();
        let mut all: Vec<(Child, Pid)> = (0..3).map(|_| lasting()).collect();
        let kill = || {
            let mut list = warden.list();
            let shell = list.shell.as_mut().unwrap();
            shell.kill().unwrap();
            shell.wait().unwrap();
        };
        warden.release(all[0].1);
        assert!(warden.list().shell.is_none(), "there is nothing to forget");
        warden.watch(all[0].1);
        warden.watch(all[1].1);
        kill();
        warden.release(all[1].1);
        assert!(warden.list().shell.is_none(), "there is nobody to forget it");
        warden.watch(all[1].1);
        kill();
        warden.watch(all[2].1);
        drop(warden);
        for (child, _) in &mut all {
            assert!(child.wait().unwrap().signal().is_some());
        }
    }
}
