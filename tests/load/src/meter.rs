//! What processes use: CPU (user and system, all threads, those that ended too) and memory.

use std::time::Duration;

use anyhow::Context;
use nix::{time::ClockId, unistd::Pid};

/// The processes of a device.
#[derive(Debug, Clone)]
pub(crate) struct Meter {
    pids: Vec<i32>,
}

impl Meter {
    pub(crate) fn new(pids: Vec<i32>) -> Self {
        Self { pids }
    }

    /// This very process.
    pub(crate) fn own() -> Self {
        Self { pids: vec![Pid::this().as_raw()] }
    }

    /// CPU used since they started: their CPU clocks, which count like utime and stime of `/proc/PID/stat`, but in ns.
    ///
    /// # Errors
    /// One of them is gone.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        self.pids.iter().map(|pid| of_process(*pid)).sum()
    }

    /// Memory, kB, each shared page counted in parts (PSS).
    ///
    /// # Errors
    /// One of them is gone, or belongs to somebody else.
    pub(crate) fn memory_kb(&self) -> anyhow::Result<f64> {
        self.pids.iter().map(|pid| pss_kb(*pid)).sum()
    }
}

fn of_process(pid: i32) -> anyhow::Result<Duration> {
    let clock = ClockId::pid_cpu_clock_id(Pid::from_raw(pid)).with_context(|| format!("process {pid} is gone"))?;
    Ok(clock.now().with_context(|| format!("process {pid} is gone"))?.into())
}

fn pss_kb(pid: i32) -> anyhow::Result<f64> {
    let path = format!("/proc/{pid}/smaps_rollup");
    let text = std::fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).with_context(|| format!("{path} has no Pss"))?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

/// A process and those it started, and theirs.
pub(crate) fn family(pid: i32) -> Vec<i32> {
    let mut found = vec![pid];
    let mut at = 0;
    while let Some(parent) = found.get(at) {
        let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
        found.extend(children.split_whitespace().filter_map(|child| child.parse::<i32>().ok()));
        at += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_seen_and_a_process_that_is_gone_is_an_error() {
        let own = Meter::own();
        let before = own.cpu().expect("own clock");
        let worked = (0..5_000_000u64).fold(1u64, |sum, n| sum.wrapping_mul(31).wrapping_add(std::hint::black_box(n)));
        assert!(own.cpu().expect("own clock") > before, "{worked}");
        assert!(own.memory_kb().expect("own memory") > 100.0);
        // Above the highest id that Linux gives.
        assert!(Meter::new(vec![4_194_305]).cpu().is_err());
    }
}
