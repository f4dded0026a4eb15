//! Ports, legs and commands are bounded.

use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Arc, Mutex};

use carillon_media_engine::{
    Codec, Command, Engine, EngineConfig, Event, LegId, OpenError, Overloaded, PlayId, PollerChoice, PollerKind, RecordingId, Sounds,
    Source, ThreadIx, Tone,
};

use crate::lab::{FRAME, HERE, Lab, Phone};

#[test]
fn ports_run_out_and_come_back_however_often() {
    // The two runs of this test, by io_uring and by epoll, may be at the same time.
    let ports = if crate::POLLER == PollerChoice::Epoll { 17_200 } else { 17_100 };
    let mut lab = Lab::with(Sounds::default(), |config| config.rtp_ports = ports..=ports + 7);
    for round in 0..100 {
        let legs: Vec<LegId> = (0..4).map(|n| LegId(round * 10 + n)).collect();
        for leg in &legs {
            let address = lab.engine.open_leg(lab.thread, *leg).expect("a port is free");
            assert!(address.port().is_multiple_of(2) && (ports..=ports + 6).contains(&address.port()), "{address}");
        }
        assert!(matches!(lab.engine.open_leg(lab.thread, LegId(9999)), Err(OpenError::NoPorts)));
        for leg in legs {
            lab.close(leg);
        }
    }
    assert_eq!(lab.engine.legs(), 0);
}

#[test]
fn a_thread_takes_so_many_legs_and_calls_go_to_the_emptiest() {
    let mut lab = Lab::with(Sounds::default(), |config| (config.threads, config.legs_per_thread) = (3, 2));
    let mut threads: Vec<ThreadIx> = Vec::new();
    for n in 0..6 {
        let thread = lab.engine.thread_for_new_call();
        lab.engine.open_leg(thread, LegId(n)).expect("room");
        threads.push(thread);
    }
    threads.sort();
    assert_eq!(threads, [0, 0, 1, 1, 2, 2].map(ThreadIx));
    assert!(matches!(lab.engine.open_leg(ThreadIx(1), LegId(7)), Err(OpenError::Overloaded)));
    assert!(matches!(lab.engine.open_leg(ThreadIx(3), LegId(7)), Err(OpenError::Overloaded)));
    lab.thread = ThreadIx(1);
    lab.close(LegId(1));
    assert_eq!(lab.engine.thread_for_new_call(), ThreadIx(1));
}

#[test]
fn a_full_queue_refuses_orders_but_not_those_that_close() {
    let (gate, wait) = channel::<()>();
    let (held, is_held) = sync_channel(8);
    let wait = Mutex::new(Some(wait));
    let (tell, told) = channel();
    let events = move |event: Event| {
        if matches!(event, Event::PlayEnded { .. })
            && let Some(wait) = wait.lock().expect("not poisoned").take()
        {
            // Holds the thread up: what a callback must never do, and the only way to fill the queue for sure.
            let _ = held.send(());
            let _ = wait.recv();
        }
        let _ = tell.send(event);
    };
    let config =
        EngineConfig { threads: 1, ip: HERE, rtp_ports: 0..=0, command_queue: 8, poller: crate::POLLER, ..EngineConfig::default() };
    let engine = Engine::start(config, Arc::new(Sounds::default()), events).expect("the engine starts");
    // A test that fails drops this before the engine, which waits for its threads.
    let gate = gate;
    let (thread, leg) = (engine.thread_for_new_call(), LegId(1));
    engine.open_leg(thread, leg).expect("a leg opens");
    let play = |n| Command::Play { leg, play: PlayId(n), source: Source::Tone(Tone::Busy) };
    engine.send(thread, play(1)).expect("room");
    engine.send(thread, play(2)).expect("room");
    is_held.recv().expect("the thread is held up");

    let refused = (10..30).filter(|n| engine.send(thread, play(*n)) == Err(Overloaded)).count();
    assert!((12..=13).contains(&refused), "{refused} of 20 refused by a queue of 8");
    assert!(matches!(engine.open_leg(thread, LegId(2)), Err(OpenError::Overloaded)));
    assert_eq!(engine.legs(), 1, "what was refused is not counted");
    engine.send(thread, Command::CloseLeg { leg }).expect("closing is always taken");
    gate.send(()).expect("the thread goes on");
    assert!(told.iter().any(|event| matches!(event, Event::LegClosed { leg: LegId(1), .. })));
    drop(engine);
}

#[test]
fn an_address_that_is_not_ours_is_refused_at_the_start() {
    let config = EngineConfig { ip: "192.0.2.1".parse().expect("an address"), ..EngineConfig::default() };
    assert!(Engine::start(config, Arc::new(Sounds::default()), |_| {}).is_err());
}

#[test]
fn threads_tell_how_they_wait_and_what_they_did() {
    let mut lab = Lab::with(Sounds::default(), |config| config.threads = 1);
    let mut phone = Phone::new(Codec::Pcmu);
    lab.connect_latched(&mut phone);
    phone.heard.clear();
    let deadline = lab.now() + std::time::Duration::from_secs(10);
    let report = loop {
        phone.say(0.0);
        let report = lab.engine.threads()[0];
        if report.packets >= 3 {
            break report;
        }
        assert!(lab.now() < deadline, "{report:?}");
        phone.listen(FRAME);
    };
    assert_eq!((report.legs, report.on_tick), (1, false), "{report:?}");
    assert!(report.wake_ups >= 1, "{report:?}");
    if crate::POLLER == PollerChoice::Epoll {
        assert_eq!(report.poller, PollerKind::Epoll);
    }
}

#[test]
fn a_thread_that_fails_closes_its_legs_and_recordings_and_takes_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = EngineConfig { threads: 2, ip: HERE, rtp_ports: 0..=0, ..EngineConfig::default() };
    let (tell, events) = channel();
    let engine = Engine::start(config, Arc::default(), move |event| {
        assert!(!matches!(event, Event::PlayEnded { .. }), "a fault, as the test wants it");
        drop(tell.send(event));
    });
    let engine = engine.expect("the engine starts");
    let thread = engine.thread_for_new_call();
    let (leg, recording) = (LegId(1), RecordingId(2));
    engine.open_leg(thread, leg).expect("a leg opens");
    let path = folder.path().join("call.wav");
    for command in [
        Command::StartRecording { recording, left: leg, path },
        Command::Play { leg, play: PlayId(3), source: Source::Prompts(vec!["missing".into()]) },
    ] {
        engine.send(thread, command).expect("the queue has room");
    }
    let mut told = Vec::new();
    while told.len() < 2 {
        told.push(events.recv_timeout(std::time::Duration::from_secs(10)).expect("an event"));
    }
    assert!(told.iter().any(|event| matches!(event, Event::LegClosed { leg: LegId(1), .. })), "{told:?}");
    assert!(told.iter().any(|event| matches!(event, Event::RecordingClosed { error: None, .. })), "{told:?}");
    assert_eq!(engine.lost_threads(), 1);
    for n in 10..14 {
        assert_ne!(engine.thread_for_new_call(), thread);
        engine.open_leg(engine.thread_for_new_call(), LegId(n)).expect("the other thread takes it");
    }
    assert!(matches!(engine.open_leg(thread, LegId(20)), Err(OpenError::Overloaded)));
}
