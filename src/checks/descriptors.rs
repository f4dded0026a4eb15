//! Open files: two sockets a leg and a recording a call.

use super::Finding;
use crate::config::Config;

/// Files that a call of two legs has open.
const A_CALL: u64 = 5;
/// What the server has open without calls.
const ITSELF: u64 = 100;
/// What should be left for desktops, and phones over TCP.
const SPARE: u64 = 1000;

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let Some(allowed) = open_files(&limits) else { return Vec::new() };
    let calls = u64::try_from(config.limits.calls).unwrap_or(u64::MAX);
    finding(allowed, calls).into_iter().collect()
}

fn finding(allowed: u64, calls: u64) -> Option<Finding> {
    let wanted = calls.saturating_mul(A_CALL).saturating_add(SPARE);
    let carried = allowed.saturating_sub(ITSELF) / A_CALL;
    let said = format!(
        "this process may open {allowed} files, enough for about {carried} calls; limits.calls is {calls}: raise it to {wanted} \
         (systemd: LimitNOFILE={wanted}; a shell: ulimit -n {wanted})"
    );
    match (allowed >= wanted, carried) {
        (true, _) => None,
        (false, 0..10) => Some(Finding::grave(said)),
        (false, _) => Some(Finding::warning(said)),
    }
}

/// The soft limit in /proc/PID/limits; `None`: there is none.
fn open_files(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_read_as_the_kernel_writes_it() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max open files            1024                 1048576              files     \n";
        assert_eq!(open_files(limits), Some(1024));
        assert_eq!(open_files("Max open files            unlimited            unlimited            files\n"), None);
    }

    #[test]
    fn too_few_for_a_call_stops_the_start_and_too_few_for_all_warns() {
        assert_eq!(finding(11_000, 2_000), None);
        let warned = finding(1_024, 2_000).expect("too few");
        assert!(!warned.is_grave && warned.message.contains("about 184 calls") && warned.message.contains("LimitNOFILE=11000"), "{warned}");
        assert!(finding(128, 2_000).expect("too few").is_grave);
    }
}
