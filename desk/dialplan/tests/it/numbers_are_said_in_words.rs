//! What stands in a list of prompts to be said, in the words of each language.

use carillon_dialplan::{Language, Plan, Saying, Situation};
use jiff::civil::DateTime;

/// What is said: names of words without what they all begin with.
fn said(language: Language, text: &str) -> String {
    let situation = Situation { called: "5001", caller: "+390255501234", local: DateTime::constant(2026, 3, 2, 18, 5, 9, 0) };
    let saying = Saying::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(saying.to_string(), text);
    let sounds = saying.sounds(language, &situation);
    sounds.iter().map(|sound| sound.strip_prefix("say-").expect("a word")).collect::<Vec<_>>().join(" ")
}

fn check(text: &str, english: &str, italian: &str) {
    assert_eq!(said(Language::English, text), english, "{text} in English");
    assert_eq!(said(Language::Italian, text), italian, "{text} in Italian");
}

#[test]
fn digits_are_read_out_one_by_one() {
    check("digits:105*#", "1 0 5 star hash", "1 0 5 star hash");
    check("digits:{called}", "5 0 0 1", "5 0 0 1");
    check("digits:{caller}", "plus 3 9 0 2 5 5 5 0 1 2 3 4", "plus 3 9 0 2 5 5 5 0 1 2 3 4");
}

#[test]
fn numbers_follow_each_languages_grammar() {
    check("number:0", "0", "0");
    check("number:17", "17", "17");
    check("number:21", "20 1", "21");
    check("number:80", "80", "80");
    check("number:100", "1 hundred", "100");
    check("number:305", "3 hundred 5", "300 5");
    check("number:1000", "1 thousand", "thousand-1");
    check("number:1848", "1 thousand 8 hundred 40 8", "thousand-1 800 48");
    check("number:21000", "20 1 thousand", "21 thousand");
    check("number:1000001", "1 million 1", "million-1 1");
    check("number:2000300004", "2 billion 3 hundred thousand 4", "2 billion 300 thousand 4");
    check("number:-3.14", "minus 3 point 1 4", "minus 3 point 1 4");
    // A number of the call that is none is read out.
    check("number:{called}", "5 thousand 1", "5 thousand 1");
    check("number:{caller}", "plus 3 9 0 2 5 5 5 0 1 2 3 4", "plus 3 9 0 2 5 5 5 0 1 2 3 4");
}

#[test]
fn money_has_its_ones_and_its_parts() {
    check("money:12.50 EUR", "12 eur and 50 eur-cent", "12 eur and 50 eur-cent");
    check("money:1 EUR", "1 eur-1", "masculine eur-1");
    check("money:1.01 USD", "1 usd-1 and 1 usd-cent-1", "masculine usd-1 and masculine usd-cent-1");
    check("money:1 GBP", "1 gbp-1", "feminine gbp-1");
    check("money:0.5 CHF", "50 chf-cent", "50 chf-cent");
    check("money:0 EUR", "0 eur", "0 eur");
    check("money:1200 EUR", "1 thousand 2 hundred eur", "thousand-1 200 eur");
}

#[test]
fn dates_and_times_are_said_as_people_say_them() {
    check("date:{now}", "day-1 month-3 2th 20 20 6", "day-1 2 month-3 2 thousand 26");
    check("date:2027-01-01", "day-5 month-1 1th 20 20 7", "day-5 first month-1 2 thousand 27");
    check("date:2005-12-31", "day-6 month-12 31th 2 thousand 5", "day-6 31 month-12 2 thousand 5");
    check("date:1906-07-08", "day-7 month-7 8th 19 oh 6", "day-7 8 month-7 thousand-1 900 6");
    check("date:1900-01-02", "day-2 month-1 2th 19 hundred", "day-2 2 month-1 thousand-1 900");
    check("time:{now}", "6 oh 5 pm", "hours 18 and 5");
    check("time:00:00", "12 am", "hours 0");
    check("time:12:30", "12 30 pm", "hours 12 and 30");
    check("time:10:00", "10 am", "hours 10");
}

#[test]
fn what_cannot_be_said_is_refused_where_it_stands() {
    for wrong in [
        "digits:",
        "digits:abc",
        "number:",
        "number:1e3",
        "number:1.",
        "number:1000000000000",
        "money:1",
        "money:1 XYZ",
        "money:-1 EUR",
        "money:1.234 EUR",
        "money:1000000 EUR",
        "date:2026-13-01",
        "date:{called}",
        "time:25:00",
        "time:{caller}",
        "sung:la",
        ":",
    ] {
        assert!(Saying::parse(wrong).is_err(), "{wrong}");
    }
    let plan =
        "[[route]]\ncalled = \"1\"\nstep = \"s\"\n[step.s]\nkind = \"play\"\nprompts = [\"hello\", \"money:12 LIRE\"]\nthen = \"s\"\n";
    let problems = Plan::parse("plan.toml", plan).expect_err("refused");
    assert_eq!(problems.len(), 1, "{problems:?}");
    let said = problems[0].to_string();
    assert!(said.contains(":6:") && said.contains("12 LIRE"), "{said}");
}
