//! Which lecture is there from the start: written for the product.

/// The script.
pub(crate) const SCRIPT: &str = include_str!("../../../samples/gradient-descent/lecture.txt");
/// Its name.
pub(crate) const ID: &str = "sample-gradient-descent";
/// A question it answers.
pub(crate) const QUESTION: &str = "What did she mean by the chain rule?";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_answers_the_question_that_is_suggested() {
        assert!(SCRIPT.starts_with('#') && SCRIPT.contains("The chain rule says"));
    }
}
