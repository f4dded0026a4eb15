//! A PostgreSQL of the tests' own: started on first use, in a folder of its own, reached by a Unix socket, gone with the test process.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use anyhow::{Context, Result, bail, ensure};

/// Makes a new, empty database and gives its URL. Text sorts in it as in SQLite (`LC_COLLATE C`).
///
/// # Panics
/// When PostgreSQL is not installed or does not start: tests that need it are never skipped.
pub fn new_database() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static DATABASES: AtomicU32 = AtomicU32::new(1);
    let server = SERVER.get_or_init(|| Server::start().unwrap_or_else(|error| panic!("a PostgreSQL for the tests: {error:#}")));
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    server.create(&name).unwrap_or_else(|error| panic!("a database in the tests' PostgreSQL: {error:#}"));
    server.url(&name)
}

/// A PostgreSQL with one database, of one test's own, that can go away and come back.
pub struct Unsteady {
    server: Server,
}

impl Unsteady {
    /// Starts it.
    ///
    /// # Panics
    /// As [`new_database`].
    pub fn start() -> Self {
        let server = Server::start().unwrap_or_else(|error| panic!("a PostgreSQL for the tests: {error:#}"));
        server.create("test").unwrap_or_else(|error| panic!("a database in the tests' PostgreSQL: {error:#}"));
        Self { server }
    }

    /// Its database's URL.
    pub fn url(&self) -> String {
        self.server.url("test")
    }

    /// Ends it as a crash would: connections break, nobody answers.
    ///
    /// # Panics
    /// When it does not run.
    pub fn go(&self) {
        let stop = ["-m", "immediate", "-w", "stop"];
        run(self.server.pg_ctl().args(stop)).unwrap_or_else(|error| panic!("the tests' PostgreSQL does not stop: {error:#}"));
    }

    /// Holds it still: connections stay, and nobody says anything on them.
    ///
    /// # Panics
    /// When it does not run.
    pub fn freeze(&self) {
        self.server.signal("STOP");
    }

    /// Lets it go on.
    ///
    /// # Panics
    /// As [`Self::freeze`].
    pub fn thaw(&self) {
        self.server.signal("CONT");
    }

    /// Starts it again with what it had.
    ///
    /// # Panics
    /// When it does not start.
    pub fn come_back(&self) {
        self.server.listen().unwrap_or_else(|error| panic!("the tests' PostgreSQL does not start again: {error:#}"));
    }
}

struct Server {
    bin: PathBuf,
    dir: PathBuf,
}

impl Server {
    fn start() -> Result<Self> {
        let bin = find_bin()?;
        // The server refuses to run as root: then all of it is done as its own user, who must also own the folder.
        let dir = run(as_server("mktemp").args(["-d", "-p"]).arg(env::temp_dir()).arg("carillon-postgres-XXXXXX"))?;
        let server = Self { bin, dir: PathBuf::from(dir.trim()) };
        server.stop_with_this_process()?;
        let data = server.dir.join("data");
        let initdb = ["-A", "trust", "-U", "postgres", "--no-sync", "--locale=C", "-E", "UTF8", "-D"];
        run(as_server(server.bin.join("initdb")).args(initdb).arg(&data))?;
        server.listen()?;
        Ok(server)
    }

    fn listen(&self) -> Result<()> {
        let options = format!("-c fsync=off -c listen_addresses='' -c unix_socket_directories='{}'", self.dir.display());
        // A log file of its own: a server that held our pipe would keep us waiting for its end.
        let log = self.dir.join("log");
        let mut start = self.pg_ctl();
        start.arg("-l").arg(&log).args(["-w", "-o", &options, "start"]).stdout(Stdio::null());
        ensure!(start.status()?.success(), "pg_ctl start: {}", fs::read_to_string(log).unwrap_or_default());
        Ok(())
    }

    /// To the server and to each process that serves a connection.
    fn signal(&self, name: &str) {
        let script = r#"pid=$(head -n1 "$1/data/postmaster.pid") && kill -"$2" $(cat /proc/"$pid"/task/*/children) "$pid""#;
        run(as_server("sh").args(["-c", script, "sh"]).arg(&self.dir).arg(name))
            .unwrap_or_else(|error| panic!("the tests' PostgreSQL takes no signal: {error:#}"));
    }

    fn pg_ctl(&self) -> Command {
        let mut command = as_server(self.bin.join("pg_ctl"));
        command.arg("-D").arg(self.dir.join("data"));
        command
    }

    /// Leaves a shell behind that waits for the end of our pipe: it comes however this process ends.
    fn stop_with_this_process(&self) -> Result<()> {
        let script = r#"trap '' INT TERM HUP; cat >/dev/null; "$1" -D "$2/data" -m immediate stop >/dev/null 2>&1; rm -rf "$2""#;
        let mut shell = as_server("sh");
        shell.args(["-c", script, "sh"]).arg(self.bin.join("pg_ctl")).arg(&self.dir);
        let child = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("sh")?;
        // Keeps the pipe open until the process ends.
        std::mem::forget(child);
        Ok(())
    }

    fn create(&self, name: &str) -> Result<()> {
        run(as_server(self.bin.join("createdb")).arg("-h").arg(&self.dir).args(["-U", "postgres", name])).map(|_| ())
    }

    fn url(&self, name: &str) -> String {
        format!("postgres:///{name}?host={}&user=postgres", self.dir.display())
    }
}

/// Where the newest PostgreSQL's programs are.
fn find_bin() -> Result<PathBuf> {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    let version = |bin: &Path| bin.parent().and_then(Path::file_name).and_then(|name| name.to_str()?.parse::<u32>().ok());
    let on_path = env::var_os("PATH").into_iter().flat_map(|path| env::split_paths(&path).collect::<Vec<_>>());
    let newest = installed.filter(|bin| bin.join("initdb").exists()).max_by_key(|bin| version(bin));
    match newest.or_else(|| on_path.into_iter().find(|bin| bin.join("initdb").exists())) {
        Some(bin) => Ok(bin),
        None => bail!("it is not installed: apt-get install postgresql"),
    }
}

fn as_server(program: impl AsRef<Path>) -> Command {
    let mut command = match is_root() {
        false => Command::new(program.as_ref()),
        true => {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program.as_ref());
            command
        }
    };
    // Who the tests run as may have a folder the server's user cannot enter.
    command.current_dir("/").env_remove("PGDATA").env_remove("PGHOST").env_remove("PGPORT").env_remove("PGUSER").stdin(Stdio::null());
    command
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&fs::metadata("/proc/self").expect("a /proc")) == 0
}

fn run(command: &mut Command) -> Result<String> {
    let program = format!("{command:?}");
    let output = command.output().with_context(|| program.clone())?;
    ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
