//! Things at fixed places, so that a packet finds its leg, and a leg its partner, by an index.

use carillon_media_ring::prefetch;

/// A place that is freed is used again.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    places: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// The place the next insertion takes.
    pub(crate) fn next_index(&self) -> usize {
        self.free.last().copied().unwrap_or(self.places.len())
    }

    pub(crate) fn insert(&mut self, value: T) -> usize {
        match self.free.pop() {
            Some(ix) => {
                self.places[ix] = Some(value);
                ix
            }
            None => {
                self.places.push(Some(value));
                self.places.len() - 1
            }
        }
    }

    pub(crate) fn remove(&mut self, ix: usize) -> Option<T> {
        let value = self.places.get_mut(ix)?.take()?;
        self.free.push(ix);
        Some(value)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, ix: usize) -> Option<&mut T> {
        self.places.get_mut(ix)?.as_mut()
    }

    /// Asks for the memory of a thing that will soon be used: its first `octets`.
    #[inline]
    pub(crate) fn prefetch(&self, ix: usize, octets: usize) {
        if let Some(place) = self.places.get(ix) {
            prefetch(place, octets);
        }
    }

    #[inline]
    pub(crate) fn get(&self, ix: usize) -> Option<&T> {
        self.places.get(ix)?.as_ref()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.places.iter_mut().flatten()
    }

    /// The place of the first that is so.
    pub(crate) fn position(&self, is: impl Fn(&T) -> bool) -> Option<usize> {
        self.places.iter().position(|place| place.as_ref().is_some_and(&is))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.free.len() == self.places.len()
    }
}
