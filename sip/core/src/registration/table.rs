//! All bindings, by user, by source and by the time they end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::binding::{Binding, BindingId, Source};
use crate::transport::FlowId;

#[derive(Debug, Default)]
pub(super) struct BindingTable {
    bindings: BTreeMap<BindingId, Binding>,
    ids_by_user: BTreeMap<String, BTreeSet<BindingId>>,
    ids_by_source: BTreeSet<(Source, BindingId)>,
    ids_by_flow: BTreeSet<(FlowId, BindingId)>,
    ends: BTreeSet<(Instant, BindingId)>,
}

impl BindingTable {
    /// Puts a binding in, in the place of the one with its number.
    pub(super) fn put(&mut self, binding: Binding) {
        self.remove(binding.id);
        self.ids_by_user.entry(binding.user.clone()).or_default().insert(binding.id);
        if let Some(flow) = binding.hop.flow {
            self.ids_by_flow.insert((flow, binding.id));
        }
        self.ids_by_source.insert((binding.source(), binding.id));
        self.ends.insert((binding.expires, binding.id));
        self.bindings.insert(binding.id, binding);
    }

    pub(super) fn remove(&mut self, id: BindingId) -> Option<Binding> {
        let binding = self.bindings.remove(&id)?;
        self.ends.remove(&(binding.expires, id));
        if let Some(flow) = binding.hop.flow {
            self.ids_by_flow.remove(&(flow, id));
        }
        self.ids_by_source.remove(&(binding.source(), id));
        if let Some(ids) = self.ids_by_user.get_mut(&binding.user) {
            ids.remove(&id);
            if ids.is_empty() {
                self.ids_by_user.remove(&binding.user);
            }
        }
        Some(binding)
    }

    pub(super) fn get(&self, id: BindingId) -> Option<&Binding> {
        self.bindings.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: BindingId) -> Option<&mut Binding> {
        self.bindings.get_mut(&id)
    }

    pub(super) fn of_user(&self, user: &str) -> impl Iterator<Item = &Binding> {
        self.ids_by_user.get(user).into_iter().flatten().filter_map(|id| self.bindings.get(id))
    }

    pub(super) fn at(&self, source: Source) -> impl Iterator<Item = &Binding> {
        let ids = self.ids_by_source.range((source, BindingId(0))..=(source, BindingId(u64::MAX)));
        ids.filter_map(|(_, id)| self.bindings.get(id))
    }

    pub(super) fn on_flow(&self, flow: FlowId) -> Vec<BindingId> {
        self.ids_by_flow.range((flow, BindingId(0))..=(flow, BindingId(u64::MAX))).map(|(_, id)| *id).collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Binding> {
        self.bindings.values()
    }

    /// Takes a binding whose time is over.
    pub(super) fn pop_ended(&mut self, now: Instant) -> Option<Binding> {
        let &(at, id) = self.ends.first()?;
        if at > now { None } else { self.remove(id) }
    }

    pub(super) fn next_end(&self) -> Option<Instant> {
        self.ends.first().map(|(at, _)| *at)
    }

    pub(super) fn len(&self) -> usize {
        self.bindings.len()
    }
}
