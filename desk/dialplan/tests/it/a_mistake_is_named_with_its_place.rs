use carillon_dialplan::Plan;

/// Each plan has one mistake; what is said of it, and where.
const MISTAKES: [(&str, usize, usize, &str); 25] = [
    ("[[route]\n", 1, 9, "]"),
    ("rout = 1\n", 1, 1, "`rout` is nothing a plan has"),
    ("route = 1\n", 1, 1, "[[route]]"),
    ("step = 1\n", 1, 1, "[step.NAME]"),
    ("", 1, 1, "at least one [[route]]"),
    ("[[route]]\ncalled = \"1\"\n", 1, 1, "missing field `step`"),
    ("[[route]]\ncalled = \"1\"\nstep = \"a\"\nhour = 1\n", 4, 1, "unknown field `hour`"),
    ("[[route]]\ncalled = 5001\nstep = \"a\"\n", 2, 10, "a text or a list of texts"),
    ("[[route]]\ncalled = \"50 01\"\nstep = \"a\"\n", 2, 10, "`50 01` is no number"),
    ("[[route]]\ncalled = []\nstep = \"a\"\n", 2, 10, "the list of numbers is empty"),
    ("[[route]]\nfrom = \"home\"\ncalled = \"1\"\nstep = \"a\"\n", 2, 8, "`from` is \"phone\" or \"trunk\""),
    ("[[route]]\ntrunk = \"lab\"\nfrom = \"phone\"\ncalled = \"1\"\nstep = \"a\"\n", 3, 8, "not both"),
    (
        "[[route]]\ncalled = \"1\"\nstep = \"a\"\nhours = { days = [\"mon-fry\"], from = \"09:00\", to = \"18:00\" }\n",
        4,
        9,
        "`fry` is no day",
    ),
    ("[[route]]\ncalled = \"1\"\nstep = \"a\"\nhours = { days = [\"mon\"] }\n", 4, 9, "hours as { days"),
    ("[[route]]\ncalled = \"1\"\nstep = \"nowhere\"\n", 3, 8, "there is no step `nowhere`: write [step.nowhere]"),
    ("[step.a]\nprompts = \"x\"\n", 1, 7, "the step has no `kind`"),
    ("[step.a]\nkind = \"sing\"\n", 2, 8, "`sing` is no kind of step; kinds are announce, play"),
    ("[step.a]\nkind = \"play\"\nprompts = \"x\"\nthen = \"a\"\nring_ms = 5\n", 5, 1, "unknown field `ring_ms`"),
    ("[step.a]\nkind = \"play\"\nprompts = []\nthen = \"a\"\n", 3, 11, "give 1 to 20 prompts"),
    ("[step.a]\nkind = \"menu\"\nprompts = \"x\"\nkeys = { \"11\" = \"a\" }\notherwise = \"a\"\n", 4, 10, "`11` is no key"),
    (
        "[step.a]\nkind = \"menu\"\nprompts = \"x\"\nkeys = { \"1\" = \"a\" }\ntries = 0\notherwise = \"a\"\n",
        5,
        9,
        "`tries` lies between 1 and 10",
    ),
    ("[step.a]\nkind = \"dial\"\nring_ms = 5000\n", 1, 7, "either `phone` or `number`"),
    ("[step.a]\nkind = \"dial\"\nphone = \"1\"\ntrunk = \"lab\"\n", 4, 9, "no trunk leads to it"),
    ("[step.a]\nkind = \"hang_up\"\nreason = \"bored\"\n", 3, 10, "`bored` is no reason to hang up with; the reasons are busy"),
    ("[step.a]\nkind = \"queue\"\nqueue = \"sales\"\npriority = \"high\"\n", 4, 12, "invalid type"),
];

#[test]
fn a_mistake_is_named_with_its_place() {
    for (text, line, column, said) in MISTAKES {
        let problems = Plan::parse("plan.toml", text).expect_err(text);
        let problem = &problems[0];
        assert!(problem.message.contains(said), "{text}\n{problem}");
        assert_eq!((problem.line, problem.column), (line, column), "{text}\n{problem}");
        assert!(problem.to_string().starts_with("plan.toml:"), "{problem}");
    }
}

#[test]
fn all_mistakes_are_named_at_once_in_the_order_of_the_file() {
    let text = "[[route]]\ncalled = \"1 2\"\nstep = \"a\"\n[step.b]\nkind = \"sing\"\n[step.a]\nkind = \"play\"\n";
    let problems = Plan::parse("plan.toml", text).expect_err("three mistakes");
    let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [2, 5, 6], "{problems:#?}");
}
