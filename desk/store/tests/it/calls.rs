//! Call records and recordings: rows, pages, filters (I1, K1).

use carillon_model::{
    AgentId, CallId, CallKind, EndedBy, Ending, Name, Number, Origin, PhoneId, Queue, QueueId, Reason, RecordingId, TrunkId,
};
use carillon_store::{
    Error, Page, Search, abandoned_call,
    abandoned_call::AbandonedFilter,
    call,
    call::{CallAgent, CallFilter, CallRecord},
    recording,
    recording::{FileClosed, Recording, RecordingFilter},
};

use crate::{
    routing::queue,
    site::{Site, at, on_both_engines, write},
};

on_both_engines!(
    a_record_comes_back_as_it_was_written_and_a_later_one_replaces_it,
    every_kind_ending_and_reason_fits_its_column,
    pages_show_each_call_once_newest_first,
    an_agent_sees_the_calls_they_had_a_part_in,
    lists_show_what_was_asked_for,
    an_average_wait_is_of_waits_that_ended_with_an_answer,
    a_search_finds_numbers_and_names_on_any_page,
    a_recording_is_listed_once_its_file_is_closed_and_keeps_its_rating,
    recordings_are_filtered_and_paged,
    recordings_are_kept_as_long_as_their_queue_or_the_site_says,
);

const SALES: QueueId = QueueId::from_u128(0x50);
const ANNA: AgentId = AgentId::from_u128(0xA);
const BRUNO: AgentId = AgentId::from_u128(0xB);

pub(crate) fn call(bits: u128, started: i64) -> CallRecord {
    CallRecord {
        id: CallId::from_u128(bits),
        number: bits as u64,
        kind: CallKind::Inbound,
        origin: Origin::Trunk(TrunkId::from_u128(1)),
        caller: Number::new("+390255501"),
        caller_name: Some(Name::new("Nora \"N\" Rossi")),
        called: Number::new("5001"),
        connected: Some(Number::new("1001")),
        queue: Some(SALES),
        agent: Some(ANNA),
        started_at: at(started),
        answered_at: Some(at(started + 10)),
        ended_at: Some(at(started + 60)),
        wait_ms: 5_000,
        answered_waits: 1,
        answered_wait_ms: 5_000,
        ring_ms: 4_000,
        talk_ms: 50_000,
        ending: Some(Ending::new(EndedBy::Caller, Reason::HungUp)),
        recording: Some(RecordingId::from_u128(bits)),
        disposition: None,
        body: r#"{"legs":[]}"#.to_owned(),
    }
}

fn joined(agent: AgentId, joined: i64) -> CallAgent {
    CallAgent { agent, joined_at: at(joined) }
}

async fn a_record_comes_back_as_it_was_written_and_a_later_one_replaces_it(site: Site) {
    let running = CallRecord {
        origin: Origin::Phone(PhoneId::from_u128(9)),
        caller_name: None,
        connected: None,
        queue: None,
        agent: None,
        answered_at: None,
        ended_at: None,
        ending: None,
        recording: None,
        ..call(1, 0)
    };
    write!(site, call::save(&running, &[])).expect("a call that runs");
    assert_eq!(call::get(&site.db, running.id).await.expect("a row"), Some(running.clone()));
    assert_eq!(call::open(&site.db).await.expect("open calls"), [running.id]);
    assert_eq!(call::last_number(&site.db).await.expect("a number"), 1);
    let over = call(1, 0);
    write!(site, call::save(&over, &[joined(ANNA, 10)])).expect("its end");
    write!(site, call::save(&over, &[joined(ANNA, 10)])).expect("the same again");
    assert_eq!(call::by_number(&site.db, 1).await.expect("a row"), Some(over.clone()));
    assert_eq!(call::open(&site.db).await.expect("open calls"), []);
    assert_eq!(call::agents(&site.db, over.id).await.expect("agents"), [joined(ANNA, 10)]);
    assert!(call::is_of_agent(&site.db, over.id, ANNA).await.expect("an answer"));
    assert!(!call::is_of_agent(&site.db, over.id, BRUNO).await.expect("an answer"));
}

async fn every_kind_ending_and_reason_fits_its_column(site: Site) {
    use CallKind as K;
    use EndedBy as E;
    use Reason as R;
    let kinds = [K::Inbound, K::Outbound, K::Internal, K::Dialer, K::Service];
    let enders = [E::Caller, E::Agent, E::Callee, E::Supervisor, E::Dialplan, E::System, E::Network];
    let reasons = [R::HungUp, R::AnsweredElsewhere, R::MediaNotAcceptable, R::ServerLost, R::NoAgents, R::Overload];
    let mut bits = 0;
    for kind in kinds {
        for by in enders {
            for reason in reasons {
                bits += 1;
                let odd = CallRecord {
                    kind,
                    ending: Some(Ending::new(by, reason)),
                    number: i64::MAX as u64,
                    caller: Number::new("a\0b\u{202E}'; DROP TABLE call; --"),
                    ..call(bits, 0)
                };
                write!(site, call::save(&odd, &[])).expect("any call");
                let read = call::get(&site.db, odd.id).await.expect("a row").expect("the call");
                assert_eq!((read.kind, read.ending, read.number), (kind, odd.ending, odd.number));
                assert_eq!(read.caller.as_str(), "a\u{FFFD}b\u{202E}'; DROP TABLE call; --");
            }
        }
    }
}

async fn all_pages(site: &Site, filter: CallFilter) -> Vec<u64> {
    let (mut seen, mut filter) = (Vec::new(), filter);
    loop {
        let Page { items, next } = call::list(&site.db, &filter).await.expect("a page");
        assert!(items.len() <= filter.limit as usize);
        seen.extend(items.iter().map(|call| call.number));
        let Some(next) = next else { return seen };
        filter.after = Some(next);
    }
}

async fn pages_show_each_call_once_newest_first(site: Site) {
    // Three calls a second: pages must not cut by time alone.
    for n in 1..=20 {
        write!(site, call::save(&call(n, i64::try_from(n).expect("small") / 3), &[])).expect("a call");
    }
    let newest_first: Vec<u64> = (1..=20).rev().collect();
    for limit in [1, 3, 7, 20, 500] {
        assert_eq!(all_pages(&site, CallFilter { limit, ..CallFilter::default() }).await, newest_first, "pages of {limit}");
    }
}

async fn an_agent_sees_the_calls_they_had_a_part_in(site: Site) {
    for n in 1..=9 {
        let agents = match n % 3 {
            0 => vec![joined(ANNA, 0), joined(BRUNO, 5)],
            1 => vec![joined(BRUNO, 0)],
            _ => vec![],
        };
        write!(site, call::save(&call(n, i64::try_from(n).expect("small") / 4), &agents)).expect("a call");
    }
    let of = |agent| CallFilter { agent: Some(agent), limit: 2, ..CallFilter::default() };
    assert_eq!(all_pages(&site, of(ANNA)).await, [9, 6, 3]);
    assert_eq!(all_pages(&site, of(BRUNO)).await, [9, 7, 6, 4, 3, 1]);
    let window = CallFilter { from: Some(at(1)), until: Some(at(2)), ..of(BRUNO) };
    assert_eq!(all_pages(&site, window).await, [7, 6, 4], "those that began in the second second");
    let elsewhere = CallFilter { queue: Some(QueueId::from_u128(0x99)), ..of(BRUNO) };
    assert_eq!(all_pages(&site, elsewhere).await, Vec::<u64>::new());
}

async fn lists_show_what_was_asked_for(site: Site) {
    write!(site, call::save(&call(1, 0), &[])).expect("a call");
    write!(site, call::save(&CallRecord { queue: None, kind: CallKind::Internal, ..call(2, 10) }, &[])).expect("a call");
    write!(site, call::save(&CallRecord { kind: CallKind::Service, ..call(3, 20) }, &[])).expect("a feature code");
    write!(site, call::save(&CallRecord { ended_at: None, ending: None, ..call(4, 30) }, &[])).expect("a call that runs");
    let all = CallFilter { limit: 10, ..CallFilter::default() };
    assert_eq!(all_pages(&site, all.clone()).await, [2, 1]);
    assert_eq!(all_pages(&site, CallFilter { queue: Some(SALES), ..all.clone() }).await, [1]);
    assert_eq!(all_pages(&site, CallFilter { kind: Some(CallKind::Internal), ..all.clone() }).await, [2]);
    assert_eq!(all_pages(&site, CallFilter { kind: Some(CallKind::Service), ..all.clone() }).await, [3]);
    assert_eq!(all_pages(&site, CallFilter { from: Some(at(10)), ..all.clone() }).await, [2]);
    assert_eq!(all_pages(&site, CallFilter { until: Some(at(10)), ..all }).await, [1]);
}

/// ASA: from the entry into a queue to the answer, by the number of answers.
async fn an_average_wait_is_of_waits_that_ended_with_an_answer(site: Site) {
    let waited = |bits: u128, answered_waits: u64, answered_wait_ms: u64, wait_ms: u64| CallRecord {
        queue: (wait_ms > 0).then_some(SALES),
        answered_waits,
        answered_wait_ms,
        wait_ms,
        talk_ms: 1_000,
        ..call(bits, bits as i64)
    };
    // A call out; one of a queue; one that two queues answered; one that gave up in the second.
    for record in [waited(1, 0, 0, 0), waited(2, 1, 6_000, 6_000), waited(3, 2, 9_000, 9_000), waited(4, 1, 3_000, 63_000)] {
        write!(site, call::save(&record, &[joined(ANNA, 10)])).expect("a call");
    }
    let nobody_came = CallRecord { answered_at: None, answered_waits: 0, answered_wait_ms: 0, ..call(5, 5) };
    write!(site, call::save(&nobody_came, &[])).expect("a call");
    let sums = async |agent| call::sums(&site.db, agent, at(0), at(100)).await.expect("sums");
    let all = call::CallSums { answered: 4, queued: 4, talk_ms: 4_000, wait_ms: 18_000 };
    assert_eq!(sums(None).await, all);
    assert_eq!(sums(Some(ANNA)).await, all);
    assert_eq!(sums(Some(BRUNO)).await, call::CallSums::default());
}

async fn a_search_finds_numbers_and_names_on_any_page(mut site: Site) {
    let anna = site.agent("anna.verdi", "201");
    write!(site, user::insert(&anna, "$hash", at(0))).expect("Anna");
    let sales = queue(&mut site, "sales");
    write!(site, queue::insert(&sales, at(0))).expect("a queue");
    let plain =
        |bits: u128| CallRecord { queue: None, agent: None, caller_name: None, caller: Number::new("+39021"), ..call(bits, bits as i64) };
    for n in 1..=9 {
        let record = match n {
            2 => CallRecord { caller: Number::new("+390255512"), ..plain(n) },
            4 => CallRecord { called: Number::new("0255512"), ..plain(n) },
            5 => CallRecord { caller_name: Some(Name::new("Nora 100%_Bianchi")), ..plain(n) },
            6 => CallRecord { connected: None, agent: Some(anna.id.into()), ..plain(n) },
            8 => CallRecord { queue: Some(sales.id), ..plain(n) },
            _ => plain(n),
        };
        write!(site, call::save(&record, &[joined(BRUNO, 0)])).expect("a call");
        write!(site, recording::save(&Recording { file_closed: closed(), ..recording_of(&record) })).expect("a recording");
        write!(site, abandoned_call::save(record.id, SALES, &record.caller, record.started_at)).expect("an abandoned call");
    }
    let sought = |text: &str| Some(Search { text: text.to_owned(), hides_numbers: false });
    let found = async |text: &str, agent: Option<AgentId>| {
        let search = sought(text);
        let calls = all_pages(&site, CallFilter { search: search.clone(), agent, limit: 1, ..CallFilter::default() }).await;
        let list = RecordingFilter { search, agent, limit: 100, ..RecordingFilter::default() };
        let recordings = recording::list(&site.db, &list).await.expect("a page").items;
        let recordings: Vec<u64> = recordings.iter().map(|recording| recording.id.as_u128() as u64).collect();
        assert_eq!(calls, recordings, "{text}");
        calls
    };
    for agent in [None, Some(BRUNO)] {
        assert_eq!(found("02 555-12", agent).await, [4, 2], "the digits, however they are written");
        assert_eq!(found("NORA", agent).await, [5]);
        assert_eq!(found("0%_b", agent).await, [5]);
        assert_eq!(found("1_0", agent).await, Vec::<u64>::new(), "a sign of the pattern stands for itself");
        assert_eq!(found(r"\", agent).await, Vec::<u64>::new());
        assert_eq!(found("VERDI", agent).await, [6]);
        assert_eq!(found("Sales", agent).await, [8]);
        assert_eq!(found("  ", agent).await, [9, 8, 7, 6, 5, 4, 3, 2, 1], "nothing is looked for");
        assert_eq!(found("'; DROP TABLE call; --", agent).await, Vec::<u64>::new());
    }
    assert_eq!(found("nora", Some(ANNA)).await, Vec::<u64>::new(), "what is another's is not found");
    // Whoever may not see a number cannot try it out digit by digit.
    let hidden = async |text: &str| {
        let search = Some(Search { text: text.to_owned(), hides_numbers: true });
        all_pages(&site, CallFilter { search, limit: 10, ..CallFilter::default() }).await
    };
    assert_eq!((hidden("0255512").await, hidden("100%").await), (vec![], vec![]));
    assert_eq!((hidden("nora").await, hidden("verdi").await, hidden("sales").await), (vec![5], vec![6], vec![8]));
    let abandoned = async |text: &str| {
        let filter = AbandonedFilter { search: sought(text), limit: 10, ..AbandonedFilter::default() };
        let page = abandoned_call::list(&site.db, &filter).await.expect("a page");
        page.items.iter().map(|call| call.number).collect::<Vec<_>>()
    };
    assert_eq!((abandoned("(02) 555").await, abandoned("bianchi").await), (vec![2], vec![5]));
}

pub(crate) fn recording_of(call: &CallRecord) -> Recording {
    Recording {
        id: RecordingId::from_u128(call.id.as_u128()),
        call: call.id,
        file: format!("2026/11/22/{}.wav", call.number),
        queue: call.queue,
        agent: call.agent,
        caller: call.caller.clone(),
        called: call.called.clone(),
        connected: call.connected.clone(),
        kind: call.kind,
        started_at: call.started_at,
        stopped_at: None,
        file_closed: None,
        rating: None,
    }
}

pub(crate) fn closed() -> Option<FileClosed> {
    Some(FileClosed { closed_at: at(70), length_ms: 50_000, bytes: 1_600_044, gap_ms: 20, error: Some("disk full".to_owned()) })
}

async fn recordings_are_kept_as_long_as_their_queue_or_the_site_says(mut site: Site) {
    const DAY: i64 = 86_400;
    let (sales, support) = (queue(&mut site, "sales"), Queue { keep_recordings_days: None, ..queue(&mut site, "support") });
    for queue in [&sales, &support] {
        write!(site, queue::insert(queue, at(0))).expect("a queue");
    }
    // Sales keeps them 30 days; the fourth is still being written.
    for (bits, queue, is_closed) in [(1, Some(sales.id), true), (2, Some(support.id), true), (3, None, true), (4, Some(sales.id), false)] {
        let call = CallRecord { queue, ..call(bits, 0) };
        write!(site, call::save(&call, &[])).expect("a call");
        let recording = Recording { file_closed: closed().filter(|_| is_closed), ..recording_of(&call) };
        write!(site, recording::save(&recording)).expect("a recording");
    }
    let expired = async |day: i64, site_days: u32| {
        let found = recording::expired(&site.db, at(day * DAY + 1), site_days).await.expect("rows");
        found.iter().map(|recording| recording.id.as_u128()).collect::<Vec<_>>()
    };
    assert_eq!(expired(29, 0).await, Vec::<u128>::new());
    assert_eq!(expired(30, 0).await, [1], "where the site keeps them for ever the queue's own days hold");
    assert_eq!(expired(9, 10).await, Vec::<u128>::new());
    assert_eq!(expired(10, 10).await, [2, 3], "and where it does not, the site's for the rest");
    assert_eq!(expired(40, 10).await, [1, 2, 3]);
}

async fn a_recording_is_listed_once_its_file_is_closed_and_keeps_its_rating(site: Site) {
    let call = call(1, 0);
    let mut recording = recording_of(&call);
    assert!(matches!(write!(site, recording::save(&recording)), Err(Error::Linked { .. })), "of no call");
    write!(site, call::save(&call, &[])).expect("a call");
    write!(site, recording::save(&recording)).expect("a recording");
    let list = RecordingFilter { limit: 10, ..RecordingFilter::default() };
    assert_eq!(recording::list(&site.db, &list).await.expect("a page").items, []);
    assert_eq!(recording::open(&site.db).await.expect("recordings"), [recording.clone()]);
    assert!(write!(site, recording::set_rating(recording.id, Some(4))).expect("a rating"));
    assert!(matches!(write!(site, recording::set_rating(recording.id, Some(6))), Err(Error::Invalid { .. })));
    recording.stopped_at = Some(at(60));
    recording.file_closed = closed();
    write!(site, recording::save(&recording)).expect("its end");
    recording.rating = Some(4);
    assert_eq!(recording::get(&site.db, recording.id).await.expect("a row"), Some(recording.clone()));
    assert_eq!(recording::list(&site.db, &list).await.expect("a page").items, [recording.clone()]);
    assert_eq!(recording::of_call(&site.db, call.id).await.expect("recordings"), [recording.clone()]);
    assert_eq!(recording::open(&site.db).await.expect("recordings"), []);
    assert!(write!(site, recording::delete(recording.id)).expect("a deletion"));
    assert_eq!(recording::get(&site.db, recording.id).await.expect("no row"), None);
}

async fn recordings_are_filtered_and_paged(site: Site) {
    for n in 1..=6_u8 {
        let call = CallRecord { queue: (n != 2).then_some(SALES), ..call(n.into(), i64::from(n) / 2) };
        let agents = if n % 2 == 0 { vec![joined(BRUNO, 0)] } else { vec![joined(ANNA, 0)] };
        write!(site, call::save(&call, &agents)).expect("a call");
        write!(site, recording::save(&Recording { file_closed: closed(), ..recording_of(&call) })).expect("a recording");
    }
    let all = RecordingFilter { limit: 2, ..RecordingFilter::default() };
    let pages = async |mut filter: RecordingFilter| {
        let mut seen = Vec::new();
        loop {
            let Page { items, next } = recording::list(&site.db, &filter).await.expect("a page");
            seen.extend(items.iter().map(|recording| recording.id.as_u128()));
            if next.is_none() {
                return seen;
            }
            filter.after = next;
        }
    };
    assert_eq!(pages(all.clone()).await, [6, 5, 4, 3, 2, 1]);
    assert_eq!(pages(RecordingFilter { agent: Some(BRUNO), ..all.clone() }).await, [6, 4, 2]);
    assert_eq!(pages(RecordingFilter { queue: Some(SALES), ..all.clone() }).await, [6, 5, 4, 3, 1]);
    assert_eq!(pages(RecordingFilter { from: Some(at(1)), until: Some(at(2)), ..all }).await, [3, 2]);
}
