//! Programs that look for exchanges to break into, as far as they say what they are: after a few answers they get none.
//!
//! Only what names itself is dropped, never all of a source: otherwise whoever forges a source address could silence a phone.

use std::{
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
    time::{Duration, Instant},
};

/// What scanners call themselves in User-Agent, in small letters, unless somebody taught them better.
const NAMES: [&str; 8] = ["friendly-scanner", "sipvicious", "sundayddr", "sipcli", "sip-scan", "siparmyknife", "pplsip", "vaxsipuseragent"];
/// Requests of a source that are answered first: a person who tries things out sees that we are there.
const ANSWERED: u32 = 3;
/// How long a source is remembered from its first such request.
const REMEMBERED: Duration = Duration::from_secs(600);
/// Sources remembered at once; the oldest goes first.
const SOURCES: usize = 1024;

/// Sources that scan.
#[derive(Default)]
pub(crate) struct Scanners {
    requests_by_source: BTreeMap<IpAddr, u32>,
    since: VecDeque<(Instant, IpAddr)>,
}

impl Scanners {
    /// A request that was heard; who it says it is.
    pub(crate) fn note(&mut self, now: Instant, source: IpAddr, user_agent: Option<&[u8]>) {
        if !user_agent.is_some_and(is_scanner) {
            return;
        }
        let requests = self.requests_by_source.entry(source).or_insert(0);
        *requests = requests.saturating_add(1);
        if *requests == 1 {
            self.since.push_back((now, source));
        }
        while self.since.len() > SOURCES || self.since.front().is_some_and(|(since, _)| *since + REMEMBERED <= now) {
            if let Some((_, oldest)) = self.since.pop_front() {
                self.requests_by_source.remove(&oldest);
            }
        }
    }

    /// Whether a packet is one of a scanner that had its answers.
    pub(crate) fn drops(&self, source: IpAddr, packet: &[u8]) -> bool {
        let had_answers = self.requests_by_source.get(&source).is_some_and(|requests| *requests >= ANSWERED);
        had_answers && user_agent(packet).is_some_and(is_scanner)
    }
}

fn is_scanner(user_agent: &[u8]) -> bool {
    let name = String::from_utf8_lossy(user_agent.get(..128).unwrap_or(user_agent)).to_ascii_lowercase();
    NAMES.iter().any(|known| name.contains(known))
}

/// The header of a packet that was not read yet.
fn user_agent(packet: &[u8]) -> Option<&[u8]> {
    let lines = packet.split(|byte| *byte == b'\n').take_while(|line| !line.trim_ascii().is_empty());
    lines.filter_map(|line| line.split_at_checked(11)).find(|(name, _)| name.eq_ignore_ascii_case(b"user-agent:")).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "virtual time needs a first instant; nothing depends on which")]
    fn what_names_itself_a_scanner_gets_a_few_answers_and_nobody_else_of_its_source_is_hurt() {
        let (mut scanners, start, source) = (Scanners::default(), Instant::now(), IpAddr::from([192, 0, 2, 66]));
        let scan = b"REGISTER sip:a SIP/2.0\r\nuser-agent: Friendly-Scanner\r\n\r\nUser-Agent: x";
        let phone = b"REGISTER sip:a SIP/2.0\r\nUser-Agent: Deskphone 7\r\n\r\nUser-Agent: sipvicious";
        for _ in 0..ANSWERED {
            assert!(!scanners.drops(source, scan));
            scanners.note(start, source, user_agent(scan));
        }
        assert!(scanners.drops(source, scan) && !scanners.drops(source, phone));
        assert!(!scanners.drops(IpAddr::from([192, 0, 2, 67]), scan));
        scanners.note(start, source, user_agent(phone));
        for number in 0..2 * SOURCES as u32 {
            scanners.note(start, IpAddr::from(number.to_be_bytes()), Some(b"sipcli/v1.8"));
        }
        assert_eq!((scanners.requests_by_source.len(), scanners.since.len()), (SOURCES, SOURCES));
        scanners.note(start + REMEMBERED, source, Some(b"sipcli"));
        assert_eq!(scanners.requests_by_source.len(), 1);
    }
}
