//! I3, I4: whole records, reviewed as they stand in `tests/golden/cdr/`. `UPDATE_GOLDEN=1 cargo test -p carillon-call` writes them anew.

use std::path::PathBuf;

use carillon_call::{Cdr, LegEnd};
use carillon_model::{Disposed, DispositionId, EndedBy, Ending, Entry, Fact, Note, OfferOutcome, Reason, Refusal, UserId};

use crate::kit::{CallTest, site::CALL};

#[test]
fn a_recorded_call_to_a_queue_that_the_second_agent_answers() {
    let t = answered_by_the_second();
    golden("queue_call_answered_by_the_second_agent", &t.cdr());
}

#[test]
fn a_caller_who_leaves_while_it_rings() {
    let mut t = CallTest::waiting_in("5001");
    t.seconds(8);
    t.offer("1001");
    t.rings("1001");
    t.seconds(4);
    t.hangs_up("caller");
    t.withdraw("1001", OfferOutcome::CallerGone);
    t.gone("1001");
    golden("abandoned_while_the_agent_rings", &t.cdr());
}

#[test]
fn a_ring_all_that_two_answer() {
    let mut t = CallTest::waiting_in("5003");
    t.offer("1001");
    t.offer("1002");
    t.seconds(3);
    t.answered("1002");
    t.answered("1001");
    t.granted("1002");
    t.withdraw("1001", OfferOutcome::AnsweredElsewhere);
    t.refused("1001", Refusal::Taken);
    t.gone("1001");
    t.seconds(25);
    t.hangs_up("1002");
    t.gone("caller");
    golden("ring_all_answered_by_two", &t.cdr());
}

#[test]
fn a_recorded_call_out() {
    let mut t = CallTest::from_phone("1003", "+390255555555");
    t.committed();
    t.seconds(1);
    t.rings("+390255555555");
    t.seconds(6);
    t.answered("+390255555555");
    t.seconds(5);
    t.heard();
    t.answered("caller");
    t.seconds(90);
    t.hangs_up("+390255555555");
    t.gone("caller");
    t.file_closed(90_020);
    golden("outbound_call_recorded", &t.cdr());
}

#[test]
fn a_number_that_does_not_exist() {
    let mut t = CallTest::from_trunk("7777");
    t.committed();
    t.ends("caller", LegEnd::Local, Some(404), Reason::NumberUnknown);
    golden("unknown_number", &t.cdr());
}

/// After a crash the facts that are missing are written with the server's loss as the cause, and folded as any others.
#[test]
fn a_call_the_server_was_lost_under() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.seconds(12);
    let mut entries = t.entries.clone();
    let open = t.cdr();
    let ending = Ending::new(EndedBy::System, Reason::ServerLost);
    let legs = open.legs.iter().map(|leg| Fact::LegEnded { call: CALL, leg: leg.leg, ending, status: None, quality: None });
    let recordings = open.recordings.iter().map(|recording| Fact::RecordingStopped { recording: recording.recording, call: CALL });
    let last = entries.last().expect("the call began").clone();
    for fact in recordings.chain(legs).chain([Fact::CallEnded { call: CALL, ending }]) {
        entries.push(Entry { seq: entries.len() as u64 + 1, mono_ms: last.mono_ms + 7_000, fact, ..last.clone() });
    }
    // The file, repaired at the next start: another epoch, whose clock began anew.
    let closed = Fact::RecordingClosed {
        recording: open.recordings[0].recording,
        call: CALL,
        length_ms: 6_980,
        bytes: 223_404,
        gap_ms: 0,
        error: None,
    };
    entries.push(Entry { epoch: 2, seq: 3, mono_ms: 15, fact: closed, ..last });
    let cdr = Cdr::fold(&entries).expect("the call began");
    assert_eq!((cdr.talk_ms, cdr.recordings[0].span_ms, cdr.recordings[0].length_ms), (7_000, 7_000, Some(6_980)));
    golden("server_lost_in_mid_call", &cdr);
}

#[test]
fn every_beginning_of_a_journal_has_a_record_that_only_grows() {
    let whole = answered_by_the_second().entries;
    assert_eq!(Cdr::fold(&[]), None);
    let mut before = Cdr::fold(&whole[..1]).expect("the start");
    for end in 2..=whole.len() {
        let cdr = Cdr::fold(&whole[..end]).expect("the start");
        assert!(cdr.total_ms >= before.total_ms && cdr.legs.len() >= before.legs.len() && cdr.talk_ms >= before.talk_ms);
        assert!(cdr.ended_at.is_some() >= before.ended_at.is_some());
        before = cdr;
    }
    assert_eq!(before.legs.iter().filter(|leg| leg.ended_at.is_none()).count(), 0);
}

#[test]
fn entries_of_other_calls_change_nothing() {
    let t = answered_by_the_second();
    let mut mixed = t.entries.clone();
    let other = carillon_model::CallId::from_u128(0x07E2);
    let fact = Fact::CallEnded { call: other, ending: Ending::new(EndedBy::System, Reason::Overload) };
    mixed.insert(3, Entry { fact, ..mixed[2].clone() });
    assert_eq!(Cdr::fold(&mixed), Some(t.cdr()));
}

fn answered_by_the_second() -> CallTest {
    let mut t = CallTest::from_trunk("5001");
    t.committed();
    t.answered("caller");
    t.seconds(6);
    t.heard();
    t.seconds(2);
    t.offer("1001");
    t.rings("1001");
    t.seconds(15);
    t.withdraw("1001", OfferOutcome::NoAnswer);
    t.gone("1001");
    t.offer("1002");
    t.rings("1002");
    t.seconds(5);
    t.answered("1002");
    t.granted("1002");
    t.seconds(120);
    t.hangs_up("caller");
    t.gone("1002");
    t.file_closed(119_980);
    t
}

fn golden(name: &str, cdr: &Cdr) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/cdr").join(format!("{name}.json"));
    let found = serde_json::to_string_pretty(cdr).expect("a record is plain data") + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).expect("the golden folder can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(found == expected, "{name} is not as reviewed; it is now\n{found}");
    let read: Cdr = serde_json::from_str(&expected).expect("a record reads back");
    assert_eq!(&read, cdr);
}

/// I4, R6: a call is classed after its end, by a fact like any other, and a later one takes the place of an earlier.
#[test]
fn a_call_that_was_classed() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.seconds(12);
    let mut entries = t.entries.clone();
    let last = entries.last().expect("the call began").clone();
    let disposed = |name: &str, note: Option<&str>| Disposed {
        path: vec![DispositionId::from_u128(1), DispositionId::from_u128(2)],
        names: vec!["Sold".to_owned(), name.to_owned()],
        note: note.map(Note::new),
        by: UserId::from_u128(9),
    };
    let facts = [
        Fact::CallEnded { call: CALL, ending: Ending::new(EndedBy::Caller, Reason::HungUp) },
        Fact::CallDisposed { call: CALL, disposed: disposed("Monthly", Some("thinks it over")) },
        Fact::CallDisposed { call: CALL, disposed: disposed("Yearly", None) },
    ];
    for (n, fact) in (1_u64..).zip(facts) {
        entries.push(Entry { seq: last.seq + n, mono_ms: last.mono_ms + n * 1000, fact, ..last.clone() });
    }
    let over = Cdr::fold(&entries[..entries.len() - 2]).expect("the call began");
    let classed = Cdr::fold(&entries).expect("the call began");
    let disposition = classed.disposition.clone().expect("it was classed");
    assert_eq!((disposition.disposed.name(), &disposition.disposed.note), ("Yearly", &None));
    assert_eq!(Cdr { disposition: None, ..classed }, over, "nothing else of the record is another");
    let text = serde_json::to_string(&entries[entries.len() - 2]).expect("JSON");
    assert_eq!(serde_json::from_str::<Entry>(&text).expect("the same"), entries[entries.len() - 2]);
}
