//! Slots that are used again, and lists by age, against plain lists.

use proptest::prelude::*;

use queuecast::slab::{ByAge, Handle, Slab};

use crate::cases;

proptest! {
    #![proptest_config(cases(1_000))]

    /// A slot never has two tenants, and there are never more slots than there were tenants at one time.
    #[test]
    fn a_slot_has_one_tenant_and_a_free_one_is_used_before_another_is_made(
        deeds in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>()), 1..400),
    ) {
        let mut slab: Slab<usize> = Slab::new();
        let (mut tenants, mut most): (Vec<(u32, usize)>, usize) = (Vec::new(), 0);
        for (number, (comes, which)) in deeds.into_iter().enumerate() {
            if comes || tenants.is_empty() {
                let (slot, record) = slab.take(|| 0);
                *record = number;
                prop_assert!(tenants.iter().all(|tenant| tenant.0 != slot), "slot {slot} has a tenant");
                tenants.push((slot, number));
                most = most.max(tenants.len());
            } else {
                let (slot, _) = tenants.swap_remove(which.index(tenants.len()));
                slab.release(slot);
            }
            prop_assert_eq!(slab.slots() as usize, most);
            prop_assert!(tenants.iter().all(|(slot, number)| slab.get(*slot) == number));
        }
    }

    /// The oldest that exists, whatever has gone and however many slots were used again.
    #[test]
    fn the_oldest_that_exists_is_the_first_of_a_list(
        room in 1_usize..40,
        deeds in prop::collection::vec((0_u8..5, any::<prop::sample::Index>()), 1..300),
    ) {
        let mut by_age = ByAge::new(room);
        let mut existing: Vec<Handle> = Vec::new();
        for (serial, (deed, which)) in deeds.into_iter().enumerate() {
            match deed {
                0..=1 => {
                    let name = Handle { slot: (serial % 7) as u32, serial: serial as u32 };
                    existing.push(name);
                    by_age.push(name, existing.len(), |name| existing.contains(&name));
                }
                2..=3 if !existing.is_empty() => _ = existing.remove(which.index(existing.len())),
                _ => {}
            }
            if deed != 3 {
                prop_assert_eq!(by_age.oldest(|name| existing.contains(&name)), existing.first().copied());
            }
        }
    }
}
