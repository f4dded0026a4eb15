//! The SIP messages of calls.

use carillon_model::{CallId, LegId};
use carillon_store::sip_message::{self, SipMessage};

use crate::site::{Site, at, on_both_engines, write};

on_both_engines!(messages_come_back_in_order_and_go_by_age,);

async fn messages_come_back_in_order_and_go_by_age(site: Site) {
    let call = CallId::from_u128(1);
    let message = |call: CallId, seq: u64, moment: i64| SipMessage {
        call,
        leg: LegId::from_u128(2),
        seq,
        at: at(moment),
        sent: seq == 2,
        transport: "udp".to_owned(),
        local: "192.0.2.1:5060".to_owned(),
        remote: "[2001:db8::2]:5060".to_owned(),
        message: "BYE sip:a@b SIP/2.0\r\n\r\n".to_owned(),
    };
    let rows = [message(call, 1, 10), message(call, 2, 10), message(call, 3, 20)];
    let of_others: Vec<_> = (4..24).map(|seq| message(CallId::from_u128(9), seq, 15)).collect();
    write!(site, sip_message::insert(&of_others)).expect("messages");
    write!(site, sip_message::insert(&rows)).expect("messages");
    assert_eq!(sip_message::of_call(&site.db, call).await.expect("messages"), rows);
    assert_eq!(write!(site, sip_message::delete_before(at(16), 1)).expect("a deletion"), 2, "those of one moment go together");
    assert_eq!(write!(site, sip_message::delete_before(at(16), 1)).expect("a deletion"), 20);
    assert_eq!(write!(site, sip_message::delete_before(at(16), 1)).expect("no error"), 0);
    assert_eq!(sip_message::of_call(&site.db, call).await.expect("messages"), rows[2..]);
}
