//! An agent pauses the recording where something is said that must not be kept, and lets it go on.

use carillon_call::{Control, ControlRefused};

use crate::kit::CallTest;

#[test]
fn what_is_said_meanwhile_is_silence_and_the_timeline_says_from_when_to_when() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.seconds(5);
    t.said();
    assert_eq!(t.control("1001", Control::ResumeRecording), Err(ControlRefused::RecordingNotPaused));
    t.control("1001", Control::PauseRecording).expect("it is recorded");
    t.expect(["record nobody left", "record nobody right", "* not recorded for now"]);
    assert_eq!(t.control("1001", Control::PauseRecording), Err(ControlRefused::RecordingPaused));
    t.control("1001", Control::ResumeRecording).expect("it is paused");
    t.expect(["record caller left", "record 1001 right", "* recorded again"]);
}

#[test]
fn a_hold_in_between_does_not_end_the_pause() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.control("1001", Control::PauseRecording).expect("it is recorded");
    t.control("1001", Control::Hold).expect("they talk");
    t.control("1001", Control::Resume).expect("she has the caller on hold");
    assert!(!t.said().iter().any(|said| said.starts_with("record caller") || said.starts_with("record 1001")));
    t.control("1001", Control::ResumeRecording).expect("it is paused");
    t.expect(["record caller left", "record 1001 right", "* recorded again"]);
}

#[test]
fn who_is_not_in_the_talk_and_a_call_that_is_not_recorded_have_nothing_to_pause() {
    let mut t = CallTest::talking_with("1001", "5001");
    assert_eq!(t.control("1002", Control::PauseRecording), Err(ControlRefused::NotTalking));
    let mut unrecorded = CallTest::talking_with("1001", "5003");
    assert_eq!(unrecorded.control("1001", Control::PauseRecording), Err(ControlRefused::NotRecorded));
}
