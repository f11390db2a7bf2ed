//! What a deployment costs: estimated from how it is used and a table of prices, or read from the bill.

mod estimate;
mod spent;

pub use estimate::{Estimate, GIVEN, Gpu, Item, Known, Use, estimate};
pub use spent::{Spent, spent};
