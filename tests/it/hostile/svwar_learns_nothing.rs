//! Threats 9 and 17: svwar, with which exchanges are searched for users, finds none here: neither under its own name, which is known, nor
//! under another.

use std::{fs, path::Path, process::Stdio};

use carillon_kit::phone::{PATIENCE, Phone};
use tokio::{process::Command, time::timeout};

use crate::site::Site;

/// Where Debian has it.
const INSTALLED: &str = "/usr/share/sipvicious/sipvicious";

/// What it says when it asks so for users that there are and that there are not.
async fn says(site: &Site, modules: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("python3");
    command.args(["-B", "-c", "from sipvicious.svwar import main; main()", "-p", &site.sip.port().to_string()]).args(arguments);
    command.args(["-e", "1001,9001,1002", "127.0.0.1"]).env("PYTHONPATH", modules).stdin(Stdio::null()).kill_on_drop(true);
    let said = timeout(PATIENCE, command.output()).await.expect("it ends").expect("there is a Python");
    String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned()
}

/// A copy that calls itself a telephone, as those use it who know that its name is known.
fn disguise(folder: &Path) {
    let (from, to) = (Path::new(INSTALLED), folder.join("sipvicious"));
    fs::create_dir_all(to.join("libs")).expect("a folder");
    for file in ["__init__.py", "svwar.py", "libs/__init__.py", "libs/svhelper.py", "libs/pptable.py"] {
        let text = fs::read_to_string(from.join(file)).expect("svwar is installed: .ci/setup test");
        fs::write(to.join(file), text.replace("friendly-scanner", "Deskphone 7")).expect("a file");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_it_asks_and_calls_itself() {
    let site = Site::start().await;
    let _phone = Phone::registered("1001", site.sip).await;
    let folder = tempfile::tempdir().expect("a folder");
    disguise(folder.path());
    let (disguised, forced) = (folder.path(), |method| ["--force", "-m", method]);
    let (gives_up, register, invite, options) = tokio::join!(
        says(&site, disguised, &[]),
        async { says(&site, disguised, &forced("REGISTER")).await },
        async { says(&site, disguised, &forced("INVITE")).await },
        async { says(&site, disguised, &forced("OPTIONS")).await },
    );
    assert!(gives_up.contains("authentication request for an unknown extension"), "{gives_up}");
    for found in [register, invite, options] {
        assert!(found.contains("found nothing") && !found.contains("exists") && !found.contains("timed out"), "{found}");
    }
    // As it is: three answers, which tell nothing, and then silence.
    let installed = Path::new(INSTALLED).parent().expect("a folder");
    let found = says(&site, installed, &forced("OPTIONS")).await;
    assert!(found.contains("found nothing") && !found.contains("exists") && !found.contains("timed out"), "{found}");
    let silence = says(&site, installed, &forced("OPTIONS")).await;
    assert!(silence.contains("timed out"), "{silence}");
}
