//! What a row found, as a line of the table and as JSON.

use serde::{Deserialize, Serialize};

use crate::statistics::Spread;

/// One device in one row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// What was done, with its numbers.
    pub(crate) row: String,
    pub(crate) device: String,
    /// `None`: not measured, the note says why.
    pub(crate) figure: Option<Figure>,
    /// What the figure is held against.
    pub(crate) against: Option<Against>,
    /// Of our own server only.
    pub(crate) goal: Option<Goal>,
    pub(crate) media: Option<Media>,
    pub(crate) note: String,
}

/// Worst window first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) worst: f64,
    pub(crate) best: f64,
    pub(crate) windows: usize,
    pub(crate) unit: String,
}

impl Figure {
    pub(crate) fn new(spread: Spread, unit: &str) -> Self {
        Self { worst: spread.highest, best: spread.lowest, windows: spread.count, unit: unit.to_owned() }
    }

    /// Of a quantity measured once.
    pub(crate) fn once(value: f64, unit: &str) -> Self {
        Self { worst: value, best: value, windows: 1, unit: unit.to_owned() }
    }
}

/// Another device's figure of the same run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Against {
    pub(crate) device: String,
    pub(crate) ratio: f64,
}

/// Bounds on the ratio where there is one, else on the figure.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Goal {
    pub(crate) must: f64,
    pub(crate) aim: f64,
}

/// What became of packets, over all windows.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Media {
    pub(crate) packets: u64,
    pub(crate) lost: u64,
    pub(crate) misrouted: u64,
    pub(crate) silent_streams: usize,
    /// Worst window, ms.
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Worst window.
    pub(crate) late_share: f64,
    /// Share of one core, worst window.
    pub(crate) generator_cpu: f64,
}

impl Finding {
    pub(crate) fn absent(row: &str, device: &'static str, note: String) -> Self {
        Self { row: row.to_owned(), device: device.to_owned(), figure: None, against: None, goal: None, media: None, note }
    }

    /// Whether it stays within what it must; `None` without a goal, or when what the goal is held against is missing.
    pub(crate) fn holds(&self) -> Option<bool> {
        let (goal, figure) = (self.goal?, self.figure.as_ref()?);
        Some(self.against.as_ref().map_or(figure.worst, |against| against.ratio) <= goal.must)
    }
}

const HEAD: &str = "| row | device | worst | best | against | must | aim | holds | p50 / p99 ms | lost | late | note |\n\
                    |---|---|---|---|---|---|---|---|---|---|---|---|\n";

/// All findings as a table in Markdown.
pub(crate) fn table(findings: &[Finding]) -> String {
    findings.iter().fold(HEAD.to_owned(), |table, finding| table + &line(finding))
}

/// Findings of an earlier run with those of a new one in their places, and behind them what is new.
pub(crate) fn merge(before: Vec<Finding>, new: Vec<Finding>) -> Vec<Finding> {
    let measured_again = |finding: &Finding| new.iter().any(|newer| newer.row == finding.row);
    let at = before.iter().position(measured_again).unwrap_or(before.len());
    let (mut merged, rest): (Vec<_>, Vec<_>) = (before[..at].to_vec(), before[at..].to_vec());
    let rest: Vec<_> = rest.into_iter().filter(|finding| !measured_again(finding)).collect();
    merged.extend(new);
    merged.extend(rest);
    merged
}

/// Reads what [`json_lines`] wrote.
pub(crate) fn from_json_lines(text: &str) -> anyhow::Result<Vec<Finding>> {
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// The same, a JSON object a line.
pub(crate) fn json_lines(findings: &[Finding]) -> anyhow::Result<String> {
    findings.iter().try_fold(String::new(), |lines, finding| Ok(lines + &serde_json::to_string(finding)? + "\n"))
}

fn line(finding: &Finding) -> String {
    let Finding { row, device, figure, against, goal, media, note } = finding;
    let worst = figure.as_ref().map_or_else(String::new, |figure| format!("{} {}", short(figure.worst), figure.unit));
    let best = figure.as_ref().map_or_else(String::new, |figure| short(figure.best));
    let against = against.as_ref().map_or_else(String::new, |against| format!("{} x {}", short(against.ratio), against.device));
    let (must, aim) = goal.map_or_else(Default::default, |goal| (short(goal.must), short(goal.aim)));
    let holds = finding.holds().map_or("", |holds| if holds { "yes" } else { "**no**" });
    let latency = media.map_or_else(String::new, |media| format!("{:.2} / {:.2}", media.p50_ms, media.p99_ms));
    let lost = media.map_or_else(String::new, |media| format!("{} of {}", media.lost, media.packets));
    let late = media.map_or_else(String::new, |media| format!("{:.2} %", 100.0 * media.late_share));
    format!("| {row} | {device} | {worst} | {best} | {against} | {must} | {aim} | {holds} | {latency} | {lost} | {late} | {note} |\n")
}

/// Three digits that count.
fn short(value: f64) -> String {
    match value.abs() {
        big if big >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(ratio: f64) -> Finding {
        Finding {
            row: "relay".to_owned(),
            device: "carillon".to_owned(),
            figure: Some(Figure { worst: 5.43, best: 5.1, windows: 3, unit: "us/packet".to_owned() }),
            against: Some(Against { device: "ref".to_owned(), ratio }),
            goal: Some(Goal { must: 1.0, aim: 0.55 }),
            media: None,
            note: String::new(),
        }
    }

    #[test]
    fn a_goal_is_held_against_the_ratio() {
        assert_eq!(finding(1.0).holds(), Some(true));
        assert_eq!(finding(1.01).holds(), Some(false));
        assert_eq!(Finding::absent("relay", "rtpengine", "not installed".to_owned()).holds(), None);
    }

    #[test]
    fn a_row_that_is_measured_again_takes_the_place_of_the_one_before() {
        let named = |row: &str, ratio| Finding { row: row.to_owned(), ..finding(ratio) };
        let before = vec![named("relay", 1.0), named("calls", 2.0), named("register", 3.0)];
        let lines = json_lines(&merge(before, vec![named("calls", 4.0), named("memory", 5.0)])).expect("lines");
        let merged = from_json_lines(&lines).expect("what was written");
        let rows: Vec<_> = merged.iter().map(|finding| (finding.row.as_str(), finding.against.as_ref().map(|of| of.ratio))).collect();
        assert_eq!(rows, [("relay", Some(1.0)), ("calls", Some(4.0)), ("memory", Some(5.0)), ("register", Some(3.0))]);
    }

    #[test]
    fn a_line_has_as_many_cells_as_the_head() {
        let table = table(&[finding(0.9)]);
        let cells: Vec<_> = table.lines().map(|line| line.matches('|').count()).collect();
        assert_eq!(cells, [13, 13, 13]);
        assert!(table.contains("| 0.90 x ref | 1.00 | 0.55 | yes |"), "{table}");
    }
}
