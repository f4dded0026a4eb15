//! `docs/INTEROP.md`: a line a peer and transport. `CARILLON_INTEROP=write` has a run write its lines; without, they must stand there.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

/// All there is to be tried: peer and transport, in the page's order.
const TRIED: &[(&str, &str)] = &[
    ("baresip", "UDP"),
    ("baresip", "TCP"),
    ("baresip", "TLS"),
    ("PJSIP", "UDP"),
    ("PJSIP", "TCP"),
    ("PJSIP", "TLS"),
    ("JsSIP", "WSS"),
    ("SIPp", "UDP"),
    ("SIPp", "TCP"),
];
const COLUMNS: &[&str] = &["registers", "calls", "is called", "holds, resumes", "keys", "after our restart"];
const INTRODUCTION: &str = "# What it was tried with

Every line is what a telephone or a library of others did with the real binary in a run of `tests/it/interop`; `make interop` writes this
page anew, and `make test` fails where a run does not do what stands here. A newer version of a peer may stand in a run than stands here.

- **calls**, **is called**: through us to or from another phone, each hearing the other's tone; `signalling`: the peer was run without audio.
- **holds, resumes**: re-INVITEs of the peer; the other party hears music meanwhile.
- **keys**: how a key of a menu was told, and taken.
- **after our restart**: a phone on UDP is called at once and registers anew with a challenge of the new run; one on a connection comes back
  by its own timers.
- SIPp follows a script, so it is called over UDP alone, and its Debian package has no TLS.

";

/// One writes at a time.
static WRITING: Mutex<()> = Mutex::new(());

/// What one peer did over one transport.
pub(super) struct Row {
    peer: String,
    version: String,
    transport: String,
    did: BTreeMap<&'static str, String>,
}

impl Row {
    pub(super) fn new(peer: &str, version: &str, transport: &str) -> Self {
        assert!(TRIED.contains(&(peer, transport)), "{peer} over {transport} is not on the list");
        Self { peer: peer.to_owned(), version: version.to_owned(), transport: transport.to_owned(), did: BTreeMap::new() }
    }

    pub(super) fn did(mut self, what: &'static str, how: &str) -> Self {
        assert!(COLUMNS.contains(&what), "{what} is no column");
        self.did.insert(what, how.to_owned());
        self
    }

    /// Writes the line, or holds it against the one that stands there; the version may be another.
    pub(super) fn stand_on_the_page(self) {
        let did: Vec<String> = COLUMNS.iter().map(|column| self.did.get(column).cloned().unwrap_or_else(|| "—".to_owned())).collect();
        if std::env::var_os("CARILLON_INTEROP").is_some_and(|how| how == "write") {
            let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
            let mut lines = lines();
            lines.insert((self.peer, self.transport), (self.version, did));
            return fs::write(path(), page(&lines)).expect("the page is written");
        }
        let stands = lines().remove(&(self.peer.clone(), self.transport.clone())).map(|(_, did)| did);
        assert_eq!(stands, Some(did), "docs/INTEROP.md says something else of {} over {}", self.peer, self.transport);
    }
}

/// Of peer and transport: version, and what stands in the columns.
type Lines = BTreeMap<(String, String), (String, Vec<String>)>;

fn lines() -> Lines {
    let text = fs::read_to_string(path()).unwrap_or_default();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let rows = rows.map(|line| line.split(" | ").map(str::to_owned).collect::<Vec<_>>()).filter(|cells| cells[0] != "peer");
    rows.map(|cells| ((cells[0].clone(), cells[2].clone()), (cells[1].clone(), cells[3..].to_vec()))).collect()
}

fn page(lines: &Lines) -> String {
    let head = format!("| peer | version | transport | {} |\n", COLUMNS.join(" | "));
    let rule = format!("|{}\n", "---|".repeat(3 + COLUMNS.len()));
    let rows = TRIED.iter().filter_map(|(peer, transport)| {
        let (version, did) = lines.get(&((*peer).to_owned(), (*transport).to_owned()))?;
        Some(format!("| {peer} | {version} | {transport} | {} |\n", did.join(" | ")))
    });
    format!("{INTRODUCTION}{head}{rule}{}", rows.collect::<String>())
}

fn path() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/INTEROP.md"))
}

#[test]
fn the_page_is_as_a_run_writes_it_and_lists_all_that_is_tried() {
    if std::env::var_os("CARILLON_INTEROP").is_some_and(|how| how == "write") {
        return;
    }
    let lines = lines();
    assert_eq!(fs::read_to_string(path()).expect("the page"), page(&lines));
    assert_eq!(lines.len(), TRIED.len(), "{:?}", lines.keys());
}
