//! The clock and the names that every deployment goes by.

use synapscribe_ports::conformance::world;
use synapscribe_ports::{Ids, SystemClock, UuidIds};

#[test]
fn the_systems_clock_is_a_clock() {
    world::clock(&SystemClock);
}

#[test]
fn names_are_given_once_and_sort_by_time() {
    world::ids(&UuidIds);
    let names: Vec<_> = (0..10_000).map(|_| UuidIds.fresh()).collect();
    assert!(names.is_sorted());
}
