//! Memory asked for before it is needed.
#![expect(unsafe_code, reason = "an instruction of the processor's that takes an address and touches nothing")]

/// Octets that come at once.
const LINE: usize = 64;

/// Asks the processor for a thing that will soon be used: what is asked for together is waited for once. At most its first `octets`.
///
/// Does nothing where the processor has no such instruction.
#[inline]
pub fn prefetch<T>(thing: &T, octets: usize) {
    let place = std::ptr::from_ref(thing).cast::<i8>();
    for line in 0..octets.min(size_of::<T>()).div_ceil(LINE) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the address is inside the thing; and no address does harm, since nothing is read for the program.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T0>(place.add(line * LINE));
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = (place, line);
    }
}
