//! A program that runs for a test: what it said is kept, and it ends with its handle.

use std::{
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use nix::{time::ClockId, unistd::Pid};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, ChildStdin, Command},
    sync::watch,
    time::{Instant, sleep, timeout},
};

/// How long anything that must happen may take, on a machine that is busy.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks at what cannot be waited for.
const LOOK: Duration = Duration::from_millis(20);

/// Looks again and again until `look` finds something.
///
/// # Panics
/// With `what` when nothing is found within [`PATIENCE`].
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} in vain: {what}");
        sleep(LOOK).await;
    }
}

/// A running program.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    said: watch::Receiver<Vec<String>>,
}

impl Program {
    /// Starts it. It is killed when the handle is dropped.
    ///
    /// # Panics
    /// When it does not start; `package` is the Debian package that has it.
    pub fn start(name: &str, command: &mut Command, package: &str) -> Self {
        Self::spawn(name, command.stdin(Stdio::null()), package)
    }

    /// Starts one that takes orders on its standard input.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn ordered(name: &str, command: &mut Command, package: &str) -> (Self, ChildStdin) {
        let mut program = Self::spawn(name, command.stdin(Stdio::piped()), package);
        let orders = program.child.stdin.take().expect("piped");
        (program, orders)
    }

    fn spawn(name: &str, command: &mut Command, package: &str) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap_or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound => panic!("{name} is not installed: apt-get install {package}"),
            _ => panic!("{name} does not start: {error}"),
        });
        let (say, said) = watch::channel(Vec::new());
        let say = Arc::new(say);
        tokio::spawn(keep(child.stdout.take().expect("piped"), Arc::clone(&say)));
        tokio::spawn(keep(child.stderr.take().expect("piped"), say));
        Self { name: name.to_owned(), child, said }
    }

    /// Everything it said so far.
    pub fn said(&self) -> String {
        self.said.borrow().join("\n")
    }

    /// Waits until it says a line with `words` in it.
    ///
    /// # Panics
    /// With all it said, when the line does not come.
    pub async fn says(&self, words: &str) -> String {
        self.says_after(0, words).await.1
    }

    /// The same of the lines from the `from`th on; gives the line's number too.
    ///
    /// # Panics
    /// As [`Self::says`].
    pub async fn says_after(&self, from: usize, words: &str) -> (usize, String) {
        let mut said = self.said.clone();
        let line = |said: &Vec<String>| {
            let at = said.iter().skip(from).position(|line| line.contains(words))?;
            Some((from + at, said[from + at].clone()))
        };
        let found = timeout(PATIENCE, said.wait_for(|said| line(said).is_some())).await;
        match found {
            Ok(Ok(said)) => line(&said).expect("just found"),
            _ => panic!("{} never said `{words}`. It said:\n{}", self.name, self.said()),
        }
    }

    /// CPU it has used, user and system, all its threads: what a busy machine does not change.
    ///
    /// # Panics
    /// When it has ended.
    pub fn cpu(&self) -> Duration {
        let clock = ClockId::pid_cpu_clock_id(Pid::from_raw(self.id().cast_signed())).expect("it runs");
        clock.now().expect("it runs").into()
    }

    /// Its process id.
    ///
    /// # Panics
    /// When it runs no more.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap_or_else(|| panic!("{} has ended:\n{}", self.name, self.said()))
    }

    /// Changes what it may have, by prlimit(1): `--fsize=1000:`, `--nofile=256`.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn limit(&self, limit: &str) {
        let set = Command::new("prlimit").arg(format!("--pid={}", self.id())).arg(limit).status().await;
        assert!(set.is_ok_and(|status| status.success()), "{} cannot be limited by {limit}", self.name);
    }

    /// Sends it a signal by name: `TERM`, `INT`.
    ///
    /// # Panics
    /// When it runs no more.
    pub async fn signal(&self, name: &str) {
        let id = self.id();
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {id}")]).status().await;
        assert!(sent.is_ok_and(|status| status.success()), "{} cannot be sent {name}", self.name);
    }

    /// Ends it as a crash would.
    pub async fn kill(&mut self) {
        // Fails only for what has ended already.
        let _ = self.child.kill().await;
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// With all it said, when it does not end within `patience`.
    pub async fn ended(&mut self, patience: Duration) -> ExitStatus {
        match timeout(patience, self.child.wait()).await {
            Ok(status) => status.unwrap_or_else(|error| panic!("{} cannot be waited for: {error}", self.name)),
            Err(_) => panic!("{} did not end within {patience:?}. It said:\n{}", self.name, self.said()),
        }
    }

    /// How it ended, if it has.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

async fn keep(pipe: impl AsyncRead + Unpin, say: Arc<watch::Sender<Vec<String>>>) {
    let mut lines = BufReader::new(pipe).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        say.send_modify(|said| said.push(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned()));
    }
}
