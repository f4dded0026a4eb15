//! Reading an INVITE as the server does, in this process: what is no more than a part of what a call costs, but the part that every byte of a
//! stranger's passes.

use std::hint::black_box;

use bytes::Bytes;
use carillon_sip_core::message::{Message, Request};
use nix::time::{ClockId, clock_gettime};

use super::Bench;
use crate::{
    finding::{Figure, Finding, Goal},
    statistics::Spread,
};

const MESSAGES: u32 = 200_000;
const GOAL: Goal = Goal { must: 2.0, aim: 1.0 };

pub(super) fn run(bench: &Bench) -> anyhow::Result<Vec<Finding>> {
    let invite = Bytes::from(invite());
    let finding = |row: &str, goal, what: &str, read: fn(&Request) -> bool| -> anyhow::Result<Finding> {
        let windows = (0..bench.windows.max(1)).map(|_| window(&invite, read)).collect::<anyhow::Result<Vec<_>>>()?;
        let figure = Spread::of(windows).map(|spread| Figure::new(spread, "us/message"));
        let note = format!("{} bytes, {MESSAGES} a window; {what}", invite.len());
        Ok(Finding { figure, goal, ..Finding::absent(row, "carillon", note) })
    };
    Ok(vec![
        finding("INVITE of 1 kB parsed", Some(GOAL), "start line, fields, framing, body", |_| true)?,
        finding("INVITE of 1 kB parsed and read", None, "and Via, From, To, CSeq and Call-ID as values", |request| {
            let headers = &request.headers;
            let values = [headers.top_via().is_ok(), headers.from().is_ok(), headers.to().is_ok(), headers.cseq().is_ok()];
            values.into_iter().all(|is_good| is_good) && headers.call_id().is_ok()
        })?,
    ])
}

/// Microseconds of CPU a message.
fn window(invite: &Bytes, read: fn(&Request) -> bool) -> anyhow::Result<f64> {
    let before = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?;
    for _ in 0..MESSAGES {
        let Ok(Message::Request(request)) = Message::parse_datagram(black_box(invite.clone())) else {
            anyhow::bail!("the INVITE cannot be read");
        };
        anyhow::ensure!(black_box(read(&request)), "its headers cannot be read");
    }
    let after = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?;
    let seconds = (after.tv_sec() - before.tv_sec()) as f64 + (after.tv_nsec() - before.tv_nsec()) as f64 / 1e9;
    Ok(seconds * 1e6 / f64::from(MESSAGES))
}

/// As a phone behind a proxy sends it.
fn invite() -> String {
    let body = "v=0\r\no=desk 3890844526 3890844526 IN IP4 192.0.2.10\r\ns=call\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=audio 49170 RTP/AVP 0 8 9 101\r\n\
                a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:9 G722/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n\
                a=ptime:20\r\na=sendrecv\r\n";
    format!(
        "INVITE sip:+390212345678@sip.example.com SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK87a1f0c2e4b94d21;rport\r\n\
         Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKnashds8;received=203.0.113.9;rport=40312\r\nMax-Forwards: 69\r\n\
         Record-Route: <sip:198.51.100.7;lr>\r\nFrom: \"Anna Rossi\" <sip:1001@sip.example.com>;tag=9fxced76sl\r\n\
         To: <sip:+390212345678@sip.example.com>\r\nCall-ID: 3848276298220188511@desk.example.com\r\nCSeq: 2 INVITE\r\n\
         Contact: <sip:1001@192.0.2.10:5060;transport=udp>\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE, REFER\r\n\
         Supported: 100rel, timer, replaces\r\nUser-Agent: Deskphone 7\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
