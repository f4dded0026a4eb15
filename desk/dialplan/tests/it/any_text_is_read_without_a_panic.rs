use carillon_dialplan::{Known, Plan, run_cases_text};
use proptest::{prelude::*, test_runner::RngSeed};

/// Pieces of a plan, cut anywhere and put together anyhow: more of these reach the depths than of plain noise.
fn scraps() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("[[route]]\n".to_owned()),
        Just("called = \"5001\"\n".to_owned()),
        Just("step = \"a\"\n".to_owned()),
        Just("[step.a]\n".to_owned()),
        Just("[step.b]\n".to_owned()),
        Just("then = \"b\"\n".to_owned()),
        Just("hours = { days = [\"mon\"], from = \"09:00\", to = \"é\" }\n".to_owned()),
        Just("keys = { \"é\" = \"a\" }\n".to_owned()),
        "kind = \"(play|menu|queue|dial|hang_up|announce)\"\n",
        "(prompt|prompts|queue|phone|number|reason|otherwise|wrong) = (\"[a-zé{}]{0,8}\"|1|\\[\\])\n",
        ".{0,20}\n",
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, rng_seed: RngSeed::Fixed(20_261_122), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_without_a_panic(text in scraps(), cases in scraps()) {
        match Plan::parse("plan.toml", &text) {
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                for problem in problems {
                    prop_assert!(problem.line <= text.lines().count().max(1) + 1, "{problem}");
                }
            }
            Ok(plan) => {
                plan.check(&Known::default());
                run_cases_text(&plan, "cases.toml", &cases).ok();
            }
        }
    }
}
