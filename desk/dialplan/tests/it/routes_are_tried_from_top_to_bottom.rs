use carillon_dialplan::{Ask, Plan};

const PLAN: &str = r#"
    route = [
        { called = "5001", caller = ["+3906*", "1001"], step = "known" },
        { trunk = "lab", called = "5001", hours = [
            { days = ["mon-fri"], from = "09:00", to = "13:00" },
            { days = ["mon-thu"], from = "14:00", to = "18:00" },
        ], step = "open" },
        { from = "trunk", called = ["5001", "500*"], step = "shut" },
        { from = "phone", called = "*", step = "inside" },
    ]
    [step]
    known = { kind = "hang_up" }
    open = { kind = "hang_up" }
    shut = { kind = "hang_up" }
    inside = { kind = "hang_up" }
"#;

#[test]
fn the_first_that_fits_by_trunk_number_caller_and_hours_wins() {
    let plan = Plan::parse("plan.toml", PLAN).unwrap_or_else(|problems| panic!("{problems:#?}"));
    // 2026-11-20 is a Friday.
    for (trunk, called, caller, local, step) in [
        (Some("lab"), "5001", "+390612345", "2026-11-20T03:00", Some("known")),
        (None, "5001", "1001", "2026-11-20T03:00", Some("known")),
        (Some("lab"), "5001", "+390212345", "2026-11-20T09:00", Some("open")),
        (Some("lab"), "5001", "+390212345", "2026-11-20T15:00", Some("shut")),
        (Some("lab"), "5001", "+390212345", "2026-11-19T15:00", Some("open")),
        (Some("lab"), "5001", "+390212345", "2026-11-19T13:30", Some("shut")),
        (Some("simulator"), "5001", "+390212345", "2026-11-20T09:00", Some("shut")),
        (Some("simulator"), "5009", "", "2026-11-20T09:00", Some("shut")),
        (Some("lab"), "4000", "", "2026-11-20T09:00", None),
        (None, "4000", "1002", "2026-11-20T09:00", Some("inside")),
    ] {
        let local = local.parse().expect("a civil date and time");
        assert_eq!(plan.route(&Ask { trunk, called, caller, local }), step, "{trunk:?} {called} {caller} {local}");
    }
}
