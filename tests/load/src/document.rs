//! The page of docs that shows the last table: what stands between its two marks is generated, the rest is written by people.

use std::path::Path;

use anyhow::Context;

use crate::finding::{Finding, table};

const BEGIN: &str = "<!-- begin: make bench -->\n";
const END: &str = "<!-- end: make bench -->";

/// Puts the table into a page.
pub(crate) fn write(page: &Path, findings: &[Finding]) -> anyhow::Result<()> {
    anyhow::ensure!(!findings.is_empty(), "nothing was measured yet");
    let text = std::fs::read_to_string(page).with_context(|| format!("{} cannot be read", page.display()))?;
    let generated = format!("{}\n\n{}", machine(), table(findings));
    let text = with_generated(&text, &generated).with_context(|| format!("{} lacks the marks of `make bench`", page.display()))?;
    std::fs::write(page, text)?;
    Ok(())
}

fn with_generated(text: &str, generated: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{generated}{END}{after}"))
}

/// The machine this runs on, in a line.
fn machine() -> String {
    let of = |file: &str, key: &str| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.split_once(':'));
        line.map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let (model, memory) = (of("/proc/cpuinfo", "model name"), of("/proc/meminfo", "MemTotal"));
    format!("Measured on {cores} cores of {model}, {memory}, Linux {}.", kernel.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_around_the_marks_stays() {
        let page = format!("# Performance\n\n{BEGIN}old\n{END}\n\nText.\n");
        let written = with_generated(&page, "new\n").expect("both marks");
        assert_eq!(written, format!("# Performance\n\n{BEGIN}new\n{END}\n\nText.\n"));
        assert_eq!(with_generated("no marks", "new"), None);
    }
}
