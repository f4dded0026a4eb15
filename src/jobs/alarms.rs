//! Alarms: what the parts of the server say of themselves, looked at twice a second.

use std::{sync::Arc, time::Duration};

use carillon_media_engine::DiskRefusal;
use carillon_model::{Alarm, AlarmCause, Fact, listed};
use metrics::gauge;

use crate::{
    calls::Surroundings,
    clock,
    recording::{Uploads, storage_trouble},
    telemetry::names,
    tls::Certificates,
    trunks::Trunks,
};

/// A supervisor knows within five seconds; the journal and the recorder need up to two of them to notice.
const EVERY: Duration = Duration::from_millis(500);

/// Raises and clears alarms, for ever.
pub async fn watch(around: Arc<Surroundings>, trunks: Arc<Trunks>, certificates: Option<Arc<Certificates>>, uploads: Option<Arc<Uploads>>) {
    loop {
        for (alarm, standing) in look(&around, &trunks, certificates.as_deref(), uploads.as_deref()) {
            let stands = standing.is_some();
            gauge!(names::ALARM, "alarm" => alarm.name()).set(f64::from(u8::from(stands)));
            if let Some(fact) = around.health.note_alarm(alarm, standing, clock::now().wall) {
                tell(&fact);
                around.journal.append(clock::now(), fact);
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Each alarm, with what is known of it if it stands.
fn look(
    around: &Surroundings,
    trunks: &Trunks,
    certificates: Option<&Certificates>,
    uploads: Option<&Uploads>,
) -> [(Alarm, Option<Vec<AlarmCause>>); 8] {
    let (journal, lost) = (around.journal.health(), around.media.lost_threads());
    let unheard = around.media.unheard_legs();
    let some = |causes: Vec<AlarmCause>| Some(causes).filter(|causes| !causes.is_empty());
    [
        (Alarm::DatabaseRefuses, journal.refusing.then(Vec::new)),
        (Alarm::FactsUnwritten, (journal.unwritten > 0).then(Vec::new)),
        (Alarm::RecordingsRefused, around.media.recordings_refused().map(|refusal| vec![disk(refusal)])),
        (Alarm::MediaThreadLost, (lost > 0).then(|| vec![AlarmCause::MediaThreads { threads: lost as u64 }])),
        (Alarm::CertificateEnds, certificates.and_then(Certificates::complaint).map(|cause| vec![cause])),
        (Alarm::RecordingsWait, uploads.and_then(Uploads::complaint).map(|cause| vec![cause])),
        (Alarm::TrunkDown, some(trunks.complaints())),
        (Alarm::OneWayAudio, (unheard > 0).then(|| vec![AlarmCause::Unheard { parties: unheard as u64 }])),
    ]
}

fn disk(DiskRefusal { kind, said }: DiskRefusal) -> AlarmCause {
    AlarmCause::Disk { why: storage_trouble(kind), said }
}

fn tell(fact: &Fact) {
    match fact {
        Fact::AlarmRaised { alarm, causes } => tracing::error!(alarm = alarm.name(), causes = listed(causes), "an alarm is raised"),
        Fact::AlarmCleared { alarm } => tracing::info!(alarm = alarm.name(), "an alarm is over"),
        _ => {}
    }
}
