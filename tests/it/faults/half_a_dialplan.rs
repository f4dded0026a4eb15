//! A dialplan that is half written when the server is told to read it: the log says file and line, calls go on by the old one; a whole one
//! is in use at once, with prompts that came with it.

use carillon_kit::phone::{Invite, status};
use tokio::process::Command;

use super::{Floor, PLAN, RUSH, binary};

const NEW: &str = r#"
[[route]]
called = "5009"
step = "greeting"

[step.greeting]
kind = "play"
prompts = "fresh"
then = "rush"
"#;

#[tokio::test]
async fn changes_nothing() {
    let mut floor = Floor::open_with(0, 1, own_prompts, Command::new(binary())).await;
    let whole = format!("{PLAN}{NEW}");
    let half = &whole[..whole.len() - 40];
    floor.site.write("dialplan/plan.toml", half);
    floor.server.program.signal("HUP").await;
    let line = floor.server.program.says("plan.toml:").await;
    assert!(line.contains("stays as it was"), "{line}");
    serve(&mut floor, RUSH, "+390211111").await;
    assert_eq!(refusal(&floor).await, 404, "the new number is not there");

    carillon_kit::sound::write_tone(&floor.site.path("dialplan/prompts/en/fresh.wav"), 1200.0, 1.0);
    floor.site.write("dialplan/plan.toml", &whole);
    floor.server.program.signal("HUP").await;
    floor.server.program.says("is taken up").await;
    let mut caller = floor.trunk.invite(Invite::to("5009").from("+390212222")).await;
    caller.is_answered().await;
    caller.audio.hears(1200.0).await;
    let mut agent = floor.rush[0].answers().await;
    agent.hang_up().await;
    caller.is_ended().await;
}

async fn refusal(floor: &Floor) -> u16 {
    let mut caller = floor.trunk.invite(Invite::to("5009").from("+390213333")).await;
    status(&caller.final_response().await)
}

async fn serve(floor: &mut Floor, number: &str, from: &str) {
    let mut caller = floor.trunk.invite(Invite::to(number).from(from)).await;
    let (_, mut agent) = tokio::join!(caller.is_answered(), floor.rush[0].answers());
    agent.hang_up().await;
    caller.is_ended().await;
}

/// The folder of prompts is the site's own: something is added to it.
fn own_prompts(site: &carillon_kit::Site) {
    let prompts = site.path("dialplan/prompts");
    let shared = std::fs::read_link(&prompts).expect("a link").join("en");
    std::fs::remove_file(&prompts).expect("no link any more");
    std::fs::create_dir_all(prompts.join("en")).expect("a folder");
    for prompt in std::fs::read_dir(shared).expect("prompts") {
        let prompt = prompt.expect("a prompt").path();
        std::os::unix::fs::symlink(&prompt, prompts.join("en").join(prompt.file_name().expect("a name"))).expect("a link");
    }
}
