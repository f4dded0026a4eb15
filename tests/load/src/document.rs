//! The page of docs that shows the last table: what stands between its two marks is generated, the rest is written by people.

use std::path::Path;

use anyhow::Context;

use crate::finding::{Finding, table};

const BEGIN: &str = "<!-- begin: make bench -->\n";
const END: &str = "<!-- end: make bench -->";

/// Puts the table into a page. Rows that stand there and were not measured stay.
pub(crate) fn write(page: &Path, findings: &[Finding]) -> anyhow::Result<()> {
    anyhow::ensure!(!findings.is_empty(), "nothing was measured yet");
    let text = std::fs::read_to_string(page).with_context(|| format!("{} cannot be read", page.display()))?;
    let generated = format!("{}\n\n{}", machine(), joined(&text, findings));
    let text = with_generated(&text, &generated).with_context(|| format!("{} lacks the marks of `make bench`", page.display()))?;
    std::fs::write(page, text)?;
    Ok(())
}

fn with_generated(text: &str, generated: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{generated}{END}{after}"))
}

/// The table of the findings, behind the lines of other rows that stand in the page.
fn joined(page: &str, findings: &[Finding]) -> String {
    let old = page.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END)).map_or("", |(old, _)| old);
    let row = |line: &str| line.strip_prefix("| ").and_then(|cells| cells.split_once(" | ")).map(|(row, _)| row.to_owned());
    let stays = |line: &&str| row(line).is_some_and(|row| row != "row" && findings.iter().all(|finding| finding.row != row));
    let stay: Vec<&str> = old.lines().filter(stays).collect();
    let new = table(findings);
    let (mut lines, rest): (Vec<&str>, Vec<&str>) = (new.lines().take(2).collect(), new.lines().skip(2).collect());
    lines.extend(stay);
    lines.extend(rest);
    lines.join("\n") + "\n"
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

    #[test]
    fn rows_that_were_not_measured_stay_in_front_of_those_that_were() {
        let found = |row: &str, note: &str| Finding::absent(row, "carillon", note.to_owned());
        let page = format!("{BEGIN}A machine.\n\n{}{END}", table(&[found("relay", "old"), found("calls", "old")]));
        let lines = joined(&page, &[found("calls", "new"), found("parse", "new")]);
        let rows: Vec<_> = lines.lines().skip(2).map(|line| (line.split(" | ").next(), line.contains("| new |"))).collect();
        assert_eq!(rows, [(Some("| relay"), false), (Some("| calls"), true), (Some("| parse"), true)], "{lines}");
        assert_eq!(joined("", &[found("calls", "new")]), table(&[found("calls", "new")]));
    }
}
