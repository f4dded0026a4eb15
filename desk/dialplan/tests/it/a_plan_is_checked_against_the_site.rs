use std::collections::BTreeSet;

use carillon_dialplan::{Known, Plan};

fn names(names: &[&str]) -> Option<BTreeSet<String>> {
    Some(names.iter().map(|&name| name.to_owned()).collect())
}

/// Checks a plan at a site with queue `sales`, prompt `welcome`, trunk `lab` and phone `1001`; gives line and words of each problem.
fn check(text: &str) -> Vec<(usize, String)> {
    let plan = Plan::parse("plan.toml", text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let known = Known { queues: names(&["sales"]), prompts: names(&["welcome"]), trunks: names(&["lab"]), phones: names(&["1001"]) };
    plan.check(&known).into_iter().map(|problem| (problem.line, problem.message)).collect()
}

fn says(problems: &[(usize, String)], line: usize, words: &str) {
    assert!(problems.iter().any(|(at, message)| *at == line && message.contains(words)), "`{words}` at {line} in {problems:#?}");
}

#[test]
fn a_sound_plan_has_no_problems() {
    let plan = r#"
        route = [{ trunk = "lab", called = "5001", step = "hello" }, { called = "1001", step = "desk" }]
        [step]
        hello = { kind = "play", prompts = "welcome", then = "wait" }
        wait = { kind = "queue", queue = "sales", on_no_agents = "desk" }
        desk = { kind = "dial", phone = "1001", on_busy = "hello" }
    "#;
    assert_eq!(check(plan), []);
}

#[test]
fn names_of_things_that_are_not_there_are_found_each_at_its_place() {
    let problems = check(
        r#"
        route = [{ trunk = "carrier", called = "5001", step = "hello" }]
        [step]
        hello = { kind = "play", prompts = ["welcome", "welcom"], then = "wait" }
        wait = { kind = "queue", queue = "sale", on_full = "desk", on_timeout = "out" }
        desk = { kind = "dial", phone = "1111", on_busy = "bye" }
        out = { kind = "dial", number = "+39021234", trunk = "labo" }
        bye = { kind = "hang_up", prompt = "bye" }
        "#,
    );
    says(&problems, 2, "there is no trunk `carrier`");
    says(&problems, 4, "there is no prompt `welcom`");
    says(&problems, 5, "there is no queue `sale`");
    says(&problems, 6, "there is no phone `1111`");
    says(&problems, 7, "there is no trunk `labo`");
    says(&problems, 8, "there is no prompt `bye`");
    assert_eq!(problems.len(), 6);
}

#[test]
fn steps_nobody_reaches_and_routes_no_call_comes_to_are_found() {
    let problems = check(
        r#"
        route = [
            { called = "50*", step = "bye" },
            { trunk = "lab", called = ["5001", "5002"], step = "bye" },
            { called = "50*", caller = "+39*", step = "bye" },
            { called = "51*", hours = { days = ["sun"], from = "00:00", to = "24:00" }, step = "bye" },
            { called = "51*", step = "bye" },
        ]
        [step]
        bye = { kind = "hang_up" }
        island = { kind = "play", prompts = "welcome", then = "bye" }
        "#,
    );
    says(&problems, 4, "the route at line 3 takes them all first");
    says(&problems, 5, "the route at line 3 takes them all first");
    says(&problems, 11, "nothing leads to step `island`");
    assert_eq!(problems.len(), 3);
}

#[test]
fn loops_without_an_end_or_without_a_wait_are_found_and_honest_ones_are_not() {
    let problems = check(
        r#"
        route = [
            { called = "1", step = "round" }, { called = "2", step = "full" },
            { called = "3", step = "honest" }, { called = "4", step = "menu" },
        ]
        [step]
        round = { kind = "play", prompts = "welcome", then = "again" }
        again = { kind = "announce", prompt = "welcome", then = "round" }
        full = { kind = "queue", queue = "sales", on_full = "busy" }
        busy = { kind = "dial", phone = "1001", on_busy = "full" }
        honest = { kind = "queue", queue = "sales", on_full = "sorry" }
        sorry = { kind = "play", prompts = "welcome", then = "honest" }
        menu = { kind = "menu", prompts = "welcome", keys = { "1" = "menu" }, otherwise = "menu" }
        "#,
    );
    for (line, name) in [(7, "round"), (8, "again")] {
        says(&problems, line, &format!("step `{name}` is played round and round"));
    }
    for (line, name) in [(9, "full"), (10, "busy")] {
        says(&problems, line, &format!("step `{name}` comes back to itself at once"));
    }
    assert_eq!(problems.len(), 4);
}

#[test]
fn nobody_from_outside_may_be_sent_out_again() {
    let plan = |from: &str| {
        format!(
            "[[route]]\n{from}\ncalled = \"*\"\nstep = \"desk\"\n\
             [step.desk]\nkind = \"dial\"\nphone = \"1001\"\non_busy = \"out\"\n\
             [step.out]\nkind = \"dial\"\nnumber = \"{{called}}\"\n"
        )
    };
    says(&check(&plan("")), 1, "callers from outside could call out through step `out`");
    says(&check(&plan("trunk = \"lab\"")), 1, "callers from outside could call out");
    assert_eq!(check(&plan("from = \"phone\"")), []);
}
