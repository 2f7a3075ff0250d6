//! Re-indenting XML without changing what it says. Entities are never expanded.

/// Re-indents a document by two blanks a level; elements that hold text stay on one line.
/// The error is a sentence.
pub fn pretty_xml(_bytes: &[u8]) -> Result<Vec<u8>, String> {
    todo!()
}
