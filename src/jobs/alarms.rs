//! Alarms: what the parts of the server say of themselves, looked at twice a second.

use std::{sync::Arc, time::Duration};

use carillon_model::{Alarm, Fact};
use metrics::gauge;

use crate::{calls::Surroundings, clock, recording::Uploads, telemetry::names, tls::Certificates, trunks::Trunks};

/// A supervisor knows within five seconds; the journal and the recorder need up to two of them to notice.
const EVERY: Duration = Duration::from_millis(500);

/// Raises and clears alarms, for ever.
pub async fn watch(around: Arc<Surroundings>, trunks: Arc<Trunks>, certificates: Option<Arc<Certificates>>, uploads: Option<Arc<Uploads>>) {
    loop {
        for (alarm, detail) in look(&around, &trunks, certificates.as_deref(), uploads.as_deref()) {
            let stands = detail.is_some();
            gauge!(names::ALARM, "alarm" => alarm.name()).set(f64::from(u8::from(stands)));
            if let Some(fact) = around.health.note_alarm(alarm, detail, clock::now().wall) {
                tell(&fact);
                around.journal.append(clock::now(), fact);
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Each alarm, with what is wrong if it stands.
fn look(
    around: &Surroundings,
    trunks: &Trunks,
    certificates: Option<&Certificates>,
    uploads: Option<&Uploads>,
) -> [(Alarm, Option<String>); 7] {
    let (journal, lost) = (around.journal.health(), around.media.lost_threads());
    let facts_wait = "The database refuses. Calls go on; what happens is kept in the spool file and lands when it answers.";
    let facts_nowhere = "Neither the database nor the spool file takes facts. New calls are refused until one does.";
    [
        (Alarm::DatabaseRefuses, journal.refusing.then(|| facts_wait.to_owned())),
        (Alarm::FactsUnwritten, (journal.unwritten > 0).then(|| facts_nowhere.to_owned())),
        (Alarm::RecordingsRefused, around.media.recordings_refused()),
        (Alarm::MediaThreadLost, (lost > 0).then(|| "A media thread failed. Restart the server when calls allow it.".to_owned())),
        (Alarm::CertificateEnds, certificates.and_then(Certificates::complaint)),
        (Alarm::RecordingsWait, uploads.and_then(Uploads::complaint)),
        (Alarm::TrunkDown, trunks.complaint()),
    ]
}

fn tell(fact: &Fact) {
    match fact {
        Fact::AlarmRaised { alarm, detail } => tracing::error!(alarm = alarm.name(), detail, "an alarm is raised"),
        Fact::AlarmCleared { alarm } => tracing::info!(alarm = alarm.name(), "an alarm is over"),
        _ => {}
    }
}
