//! The reference relay as a process of its own.

use std::{
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddrV4},
    process::{Command, Stdio},
};

use anyhow::Context;

use super::{Device, Process};
use crate::media::{CallMedia, Sockets};

/// Starts it for so many calls; where it takes their media.
pub(crate) fn start(sockets: &Sockets, calls: usize) -> anyhow::Result<(Device, Vec<CallMedia>)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("reference").stdin(Stdio::null()).stdout(Stdio::piped());
    for call in 0..calls {
        command.arg(sockets.caller(call)?.to_string()).arg(sockets.callee(call)?.to_string());
    }
    let mut process = command.spawn().context("the reference relay cannot be started")?;
    let lines = BufReader::new(process.stdout.take().context("its output")?).lines();
    let device = Device { name: "ref", sip: SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0), processes: vec![Process::of(process)] };
    let legs = lines.take(2 * calls).map(|line| Ok(line?.parse::<SocketAddrV4>()?)).collect::<anyhow::Result<Vec<_>>>()?;
    anyhow::ensure!(legs.len() == 2 * calls, "the reference relay opened {} ports of {}", legs.len(), 2 * calls);
    let media = legs.chunks(2).zip(0..).map(|(legs, call)| CallMedia { call, caller: legs[0], callee: Some(legs[1]) }).collect();
    Ok((device, media))
}
