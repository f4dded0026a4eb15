//! Every folder of `dialplans/` holds a plan without problems and cases that all pass.

use std::{collections::BTreeSet, fs, path::Path};

use carillon_dialplan::{Known, Plan, run_cases};

#[test]
fn shipped_plans_pass_their_own_cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dialplans");
    let mut plans = 0;
    for folder in fs::read_dir(root).expect("dialplans/ is there") {
        let folder = folder.expect("a readable entry").path();
        if !folder.is_dir() {
            continue;
        }
        let plan = Plan::load(&folder).unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert_eq!(plan.check(&demo_names()), [], "{}", folder.display());
        let run = run_cases(&folder).unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert_eq!(run.failed, [], "{}", folder.display());
        assert!(run.passed > 0, "{} has no cases", folder.display());
        plans += 1;
    }
    assert!(plans > 0, "no plan is shipped");
}

fn demo_names() -> Known {
    let set = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>());
    let prompts =
        ["welcome", "consent", "all-agents-busy", "menu-sales-support", "invalid-choice", "number-unknown", "nobody-available", "goodbye"];
    Known { queues: set(&["sales", "support"]), prompts: set(&prompts), trunks: set(&["lab", "simulator"]), phones: None }
}
