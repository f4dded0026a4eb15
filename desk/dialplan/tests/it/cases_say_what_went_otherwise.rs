use carillon_dialplan::{Plan, run_cases_text};

const PLAN: &str = r#"
    route = [{ called = "1", step = "bye" }]
    [step.bye]
    kind = "hang_up"
"#;

fn plan() -> Plan {
    Plan::parse("plan.toml", PLAN).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn a_case_that_fails_is_named_with_what_was_expected_and_what_was_met() {
    let cases = r#"
[[case]]
name = "right"
given = { called = "1" }
expected = ["hang up plan_ended"]

[[case]]
name = "wrong"
given = { called = "1", at = "2026-03-02T10:00" }
expected = ["play goodbye"]

[[case]]
name = "unknown"
given = { called = "2" }
expected = ["no route"]
"#;
    let run = run_cases_text(&plan(), "cases.toml", cases).unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(run.passed, 2);
    let [failed] = run.failed.as_slice() else { panic!("{run:#?}") };
    assert_eq!(failed.to_string(), r#"cases.toml:7:1: case "wrong": expected ["play goodbye"], met ["hang up plan_ended"]"#);
}

#[test]
fn cases_with_mistakes_are_refused_with_their_place() {
    for (cases, line, said) in [
        ("[[case]]\nname = \"a\"\ngiven = { called = \"1\" }\nexpect = []\n", 4, "unknown field `expect`"),
        ("[[case]]\nname = \"a\"\ngiven = { called = \"1\", at = \"noon\" }\nexpected = []\n", 3, "`at` is a date and time"),
        ("[[case]]\nname = \"a\"\ngiven = { called = \"1\" }\nmeets = [\"rain\"]\nexpected = []\n", 4, "unknown variant `rain`"),
    ] {
        let problems = run_cases_text(&plan(), "cases.toml", cases).expect_err(said);
        assert!(problems[0].line == line && problems[0].message.contains(said), "{problems:#?}");
    }
}
