//! The table of dialogs, matched by exact tags (RFC 3261 12.2.2).

use std::collections::{BTreeMap, HashMap};

use crate::dialog::{Dialog, DialogId};
use crate::transaction::{ClientTx, ServerTx};
use crate::transport::FlowId;

/// What a request inside a dialog is matched by. All three are compared byte by byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct DialogKey {
    pub(super) call_id: Vec<u8>,
    pub(super) local_tag: Vec<u8>,
    pub(super) remote_tag: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) dialog: Dialog,
    /// The peer's INVITE that has no final response, or whose 2xx has no ACK.
    pub(super) peer_invite: Option<ServerTx>,
    /// Our INVITE that has no final response.
    pub(super) our_invite: Option<ClientTx>,
    /// Our INVITE whose 2xx came and waits for our ACK.
    pub(super) unacknowledged: Option<ClientTx>,
    /// Our BYE is under way: all that is left to do is to answer one that crosses it.
    pub(super) is_ending: bool,
    /// A BYE that must wait for the ACK of our 2xx (RFC 3261 15), with its Reason.
    pub(super) waiting_bye: Option<Option<String>>,
}

#[derive(Debug, Default)]
pub(super) struct DialogTable {
    entries: BTreeMap<DialogId, Entry>,
    dialogs_by_key: HashMap<DialogKey, DialogId>,
}

impl DialogTable {
    pub(super) fn insert(&mut self, id: DialogId, dialog: Dialog) {
        self.dialogs_by_key.insert(key_of(&dialog), id);
        self.entries
            .insert(id, Entry { dialog, peer_invite: None, our_invite: None, unacknowledged: None, is_ending: false, waiting_bye: None });
    }

    pub(super) fn remove(&mut self, id: DialogId) -> Option<Entry> {
        let entry = self.entries.remove(&id)?;
        self.dialogs_by_key.remove(&key_of(&entry.dialog));
        Some(entry)
    }

    pub(super) fn get(&self, id: DialogId) -> Option<&Entry> {
        self.entries.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: DialogId) -> Option<&mut Entry> {
        self.entries.get_mut(&id)
    }

    pub(super) fn find(&self, key: &DialogKey) -> Option<DialogId> {
        self.dialogs_by_key.get(key).copied()
    }

    /// Dialogs that we opened the connection of learn that they must open another.
    pub(super) fn handle_flow_closed(&mut self, flow: FlowId) {
        for entry in self.entries.values_mut() {
            entry.dialog.handle_flow_closed(flow);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

fn key_of(dialog: &Dialog) -> DialogKey {
    DialogKey { call_id: dialog.call_id().to_vec(), local_tag: dialog.local_tag().to_vec(), remote_tag: dialog.remote_tag().to_vec() }
}
