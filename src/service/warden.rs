//! Ends what rules have started when hookview itself is killed, and can end nothing any more.
//!
//! A shell in a group of its own holds the other end of a pipe, over which it is told the process groups that are there.
//! The system closes the pipe however hookview ends; what is still on the list is ended then. It is started with the first
//! command, and goes with hookview. (Linux can kill a child with its parent, which reaches no grandchildren, follows the
//! thread instead of the process, and takes code between fork and exec that no safe Rust can write.)

use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};

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
    /// What it is told by; `None` before there is anything to tell, and after it was gone.
    line: Mutex<Option<ChildStdin>>,
}

impl Warden {
    /// Has a group ended should hookview be killed from now on.
    pub(super) fn watch(&self, group: Pid) {
        if let Err(error) = self.tell("+", group) {
            tracing::warn!(%error, "the commands of rules would outlive a kill of hookview");
        }
    }

    /// Lets go of a group that is over: its number may soon be another's.
    pub(super) fn release(&self, group: Pid) {
        // One that is gone has nothing to forget.
        let _ = self.tell("-", group);
    }

    fn tell(&self, sign: &str, group: Pid) -> io::Result<()> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = line.take().map_or_else(start, Ok)?;
        open.write_all(format!("{sign} {}\n", group.as_raw_pid()).as_bytes())?;
        *line = Some(open);
        Ok(())
    }
}

fn start() -> io::Result<ChildStdin> {
    let mut shell = Command::new("sh");
    shell.args(["-c", SCRIPT, "hookview-warden"]).current_dir("/").process_group(0);
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = shell.spawn()?;
    child.stdin.take().ok_or_else(|| io::Error::other("the shell has no input"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Child;

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
}
