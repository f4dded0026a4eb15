//! Prometheus metrics.

use carillon_media_engine::ThreadReport;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Names of the metrics, once.
pub mod names {
    /// Calls begun, by kind.
    pub const CALLS_STARTED: &str = "carillon_calls_started_total";
    /// Calls ended, by who and why.
    pub const CALLS_ENDED: &str = "carillon_calls_ended_total";
    /// Calls up now.
    pub const CALLS_UP: &str = "carillon_calls_up";
    /// Offers ended, by outcome.
    pub const OFFERS_ENDED: &str = "carillon_offers_ended_total";
    /// Requests refused before they became a call or a registration, by reason.
    pub const SIP_REFUSED: &str = "carillon_sip_refused_total";
    /// Phones that can be called.
    pub const PHONES_REACHABLE: &str = "carillon_phones_reachable";
    /// SIP messages handed to the signalling.
    pub const SIP_RECEIVED: &str = "carillon_sip_received_total";
    /// SIP messages by direction, method, status (`request` for requests) and transport.
    pub const SIP_MESSAGES: &str = "carillon_sip_messages_total";
    /// SIP messages of calls that could not be kept.
    pub const SIP_MESSAGES_DROPPED: &str = "carillon_sip_messages_dropped_total";
    /// SIP messages handed to the system.
    pub const SIP_SENT: &str = "carillon_sip_sent_total";
    /// SIP messages dropped because their source sent too many.
    pub const SIP_OVER_RATE: &str = "carillon_sip_over_rate_total";
    /// SIP connections closed at once because there were too many.
    pub const SIP_CONNECTIONS_REFUSED: &str = "carillon_sip_connections_refused_total";
    /// SIP messages that could not be sent.
    pub const SIP_SEND_FAILED: &str = "carillon_sip_send_failed_total";
    /// SIP connections that ended in the handshake of TLS or WebSocket.
    pub const SIP_HANDSHAKES_FAILED: &str = "carillon_sip_handshakes_failed_total";
    /// When the certificate in use ends, seconds since 1970.
    pub const CERTIFICATE_EXPIRES: &str = "carillon_certificate_expires_seconds";
    /// 1 while newer certificate files cannot be used.
    pub const CERTIFICATE_REFUSED: &str = "carillon_certificate_refused";
    /// Whether an alarm stands, by its name.
    pub const ALARM: &str = "carillon_alarm";
    /// Calls that a full mailbox ended.
    pub const MAILBOX_FULL: &str = "carillon_mailbox_full_total";
    /// Legs open on a media thread.
    pub const MEDIA_LEGS: &str = "carillon_media_legs";
    /// 1 for each media thread, with how it waits for packets.
    pub const MEDIA_POLLER: &str = "carillon_media_poller";
    /// Whether a media thread wakes by its tick just now.
    pub const MEDIA_ON_TICK: &str = "carillon_media_on_tick";
    /// Datagrams that came to a media thread.
    pub const MEDIA_PACKETS: &str = "carillon_media_packets_total";
    /// Times a media thread woke up.
    pub const MEDIA_WAKE_UPS: &str = "carillon_media_wake_ups_total";
    /// Times it woke up 5 ms or more too late.
    pub const MEDIA_LATE_WAKE_UPS: &str = "carillon_media_late_wake_ups_total";
    /// Packets the system did not take from a media thread.
    pub const MEDIA_UNSENT: &str = "carillon_media_unsent_total";
    /// Times packets had to wait because a media thread had no buffer free.
    pub const MEDIA_BUFFERS_EXHAUSTED: &str = "carillon_media_buffers_exhausted_total";
}

/// Renders what was counted.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// Installs the recorder of this process, once; later starts in the same process share it.
    pub fn install() -> Self {
        static HANDLE: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
        let handle = HANDLE.get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            // Fails only where another recorder was installed: then ours renders empty and nothing else changes.
            let _ = metrics::set_global_recorder(recorder);
            handle
        });
        Self { handle: handle.clone() }
    }

    /// The text format of Prometheus, with what sockets and media threads counted.
    pub fn render(&self, sockets: &carillon_sip_net::Counters, media: &[ThreadReport]) -> String {
        metrics::counter!(names::SIP_RECEIVED).absolute(sockets.received());
        metrics::counter!(names::SIP_SENT).absolute(sockets.sent());
        metrics::counter!(names::SIP_OVER_RATE).absolute(sockets.over_rate());
        metrics::counter!(names::SIP_CONNECTIONS_REFUSED).absolute(sockets.flows_refused());
        metrics::counter!(names::SIP_SEND_FAILED).absolute(sockets.send_failed());
        metrics::counter!(names::SIP_HANDSHAKES_FAILED).absolute(sockets.handshakes_failed());
        for (ix, thread) in media.iter().enumerate() {
            count_thread(ix, thread);
        }
        self.handle.run_upkeep();
        self.handle.render()
    }
}

fn count_thread(ix: usize, thread: &ThreadReport) {
    let ix = ix.to_string();
    metrics::gauge!(names::MEDIA_LEGS, "thread" => ix.clone()).set(thread.legs as f64);
    metrics::gauge!(names::MEDIA_POLLER, "thread" => ix.clone(), "kind" => thread.poller.as_str()).set(1.0);
    metrics::gauge!(names::MEDIA_ON_TICK, "thread" => ix.clone()).set(f64::from(u8::from(thread.on_tick)));
    for (name, count) in [
        (names::MEDIA_PACKETS, thread.packets),
        (names::MEDIA_WAKE_UPS, thread.wake_ups),
        (names::MEDIA_LATE_WAKE_UPS, thread.late_wake_ups),
        (names::MEDIA_UNSENT, thread.unsent),
        (names::MEDIA_BUFFERS_EXHAUSTED, thread.buffers_exhausted),
    ] {
        metrics::counter!(name, "thread" => ix.clone()).absolute(count);
    }
}
