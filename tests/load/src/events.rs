//! As much of WebSocket (RFC 6455) as following the live stream needs: the server speaks, we listen.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpStream},
    path::Path,
    thread::JoinHandle,
    time::Duration,
};

use jiff::Timestamp;

use crate::api::address;

/// A socket that notes how old each fact is when it comes.
pub(crate) struct Follower {
    stream: TcpStream,
    listens: JoinHandle<Vec<Duration>>,
}

impl Follower {
    /// Connects with a session's cookie.
    pub(crate) fn start(ready: &Path, cookie: &str) -> anyhow::Result<Self> {
        let at = address(ready)?;
        let mut stream = TcpStream::connect(&at)?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET /api/v1/events HTTP/1.1\r\nHost: {at}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: Y2FyaWxsb24gaXMgbG91ZA==\r\nCookie: {cookie}\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        anyhow::ensure!(line.contains(" 101 "), "no live stream: {line}");
        while !line.trim().is_empty() {
            line.clear();
            reader.read_line(&mut line)?;
        }
        Ok(Self { stream, listens: std::thread::spawn(move || ages(reader)) })
    }

    /// Listens no more; how old each fact was when it came.
    pub(crate) fn end(self) -> anyhow::Result<Vec<Duration>> {
        self.stream.shutdown(Shutdown::Both)?;
        self.listens.join().map_err(|_| anyhow::anyhow!("a socket's thread ended"))
    }
}

fn ages(mut stream: impl Read) -> Vec<Duration> {
    let mut ages = Vec::new();
    let mut is_first = true;
    while let Some(message) = message(&mut stream) {
        let now = Timestamp::now();
        // The snapshot has a place in the chain too.
        let is_fact = message.contains("\"seq\":") && !std::mem::take(&mut is_first);
        if let Some(at) = at(&message).filter(|_| is_fact) {
            ages.push(now.duration_since(at).unsigned_abs());
        }
    }
    ages
}

/// When a message's fact happened.
fn at(message: &str) -> Option<Timestamp> {
    let (_, rest) = message.split_once("\"at\":\"")?;
    rest.split_once('"')?.0.parse().ok()
}

/// The next message; `None`: the stream is over. A server's frames are not masked, and ours are not split.
fn message(stream: &mut impl Read) -> Option<String> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).ok()?;
    let length = match head[1] & 0x7f {
        126 => {
            let mut long = [0; 2];
            stream.read_exact(&mut long).ok()?;
            u64::from(u16::from_be_bytes(long))
        }
        127 => {
            let mut long = [0; 8];
            stream.read_exact(&mut long).ok()?;
            u64::from_be_bytes(long)
        }
        short => u64::from(short),
    };
    let mut text = vec![0; usize::try_from(length).ok()?];
    stream.read_exact(&mut text).ok()?;
    String::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_all_lengths_are_read_and_facts_told_from_rows() {
        let fact =
            format!(r#"{{"epoch":1,"seq":2,"prev":1,"at":"2026-11-23T10:00:00Z","type":"call.started","data":"{}"}}"#, "x".repeat(70_000));
        let row = r#"{"epoch":1,"prev":2,"at":"2026-11-23T10:00:00Z","type":"heartbeat","data":{}}"#;
        let mut bytes = Vec::new();
        for text in [fact.as_str(), row, fact.as_str()] {
            bytes.push(0x81);
            match text.len() {
                short @ 0..=125 => bytes.push(short as u8),
                _ => {
                    bytes.push(127);
                    bytes.extend((text.len() as u64).to_be_bytes());
                }
            }
            bytes.extend(text.as_bytes());
        }
        assert_eq!(ages(bytes.as_slice()).len(), 1, "the first is the snapshot, the second no fact");
    }
}
