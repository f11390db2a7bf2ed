//! Measures how well questions are found and answered: a set of texts written for it, half of them as a recogniser understood them
//! when they were spoken, and what students ask of them. It goes through the ports of the product and has no way of its own to
//! search or to answer.

pub mod answers;
pub mod books;
pub mod citing;
pub mod heard;
pub mod lessons;
pub mod report;
pub mod retrieval;
pub mod set;
pub mod shelf;
pub mod way;
