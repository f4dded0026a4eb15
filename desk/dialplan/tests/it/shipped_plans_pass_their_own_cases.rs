use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use carillon_dialplan::{Known, Plan, run_cases};

/// Every folder of `dialplans/` but the server's own prompts holds a plan without problems, cases that all pass, and every prompt in every language it has.
#[test]
fn shipped_plans_pass_their_own_cases() {
    let plans: Vec<_> = folders(&shipped()).into_iter().filter(|folder| !folder.ends_with("service")).collect();
    assert!(!plans.is_empty(), "no plan is shipped");
    for folder in plans {
        let plan = Plan::load(&folder).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let languages = folders(&folder.join("prompts"));
        assert!(!languages.is_empty(), "{} has no prompts", folder.display());
        for language in languages {
            assert_eq!(plan.check(&known(&language)), [], "{}", language.display());
        }
        let run = run_cases(&folder).unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert_eq!(run.failed, [], "{}", folder.display());
        assert!(run.passed > 0, "{} has no cases", folder.display());
    }
}

/// The guide's own examples are read as it says.
#[test]
fn the_guide_shows_what_is_true() {
    let guide = fs::read_to_string(shipped().join("README.md")).expect("the guide");
    let examples: Vec<_> = guide.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [route, said, cases] = examples.as_slice() else { panic!("{} examples", examples.len()) };
    Plan::parse("README.md", &format!("{route}\n[step.hello]\nkind = \"hang_up\"\n")).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let around = "[[route]]\ncalled = \"1\"\nstep = \"your-number\"\n[step.sales]\nkind = \"hang_up\"\n";
    Plan::parse("README.md", &format!("{around}{said}")).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let plan = r#"
        route = [{ called = "5000", step = "choose" }]
        [step]
        choose = { kind = "menu", prompts = "choose", keys = { "2" = "wait" }, wrong = "sorry", otherwise = "wait" }
        wait = { kind = "queue", queue = "support" }
    "#;
    let plan = Plan::parse("plan.toml", plan).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let run = carillon_dialplan::run_cases_text(&plan, "README.md", cases).unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!((run.passed, run.failed), (1, Vec::new()));
}

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dialplans")
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).unwrap_or_else(|error| panic!("{}: {error}", of.display()));
    entries.map(|entry| entry.expect("a readable entry").path()).filter(|path| path.is_dir()).collect()
}

/// What the demo sets up, with the prompts of one language.
fn known(language: &Path) -> Known {
    let set = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>());
    let prompts = fs::read_dir(language).expect("prompts").filter_map(|file| {
        let path = file.expect("a readable entry").path();
        path.file_stem().map(|stem| stem.to_string_lossy().into_owned())
    });
    Known { queues: set(&["sales", "support"]), prompts: Some(prompts.collect()), trunks: set(&["lab", "simulator"]), phones: None }
}
