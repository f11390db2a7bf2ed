//! Where the pages of a PDF stand: its tree names all of them, also those that are not in the file any more.

use std::collections::HashSet;

use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::{Array, Dict, MaybeRef, Name, ObjectIdentifier};

/// For each page of the tree its place among those that the file holds; nothing for one that is missing.
pub(super) fn of<'a>(pdf: &'a Pdf, catalog: &Dict<'a>) -> Vec<Option<usize>> {
    let held = pdf.pages().len();
    let places = catalog.get::<Dict<'a>>("Pages").map(|root| walk(pdf, &root)).unwrap_or_default();
    // Where there is no tree, the pages were found one by one.
    if places.iter().flatten().count() == held { places } else { (0..held).map(Some).collect() }
}

fn walk<'a>(pdf: &'a Pdf, root: &Dict<'a>) -> Vec<Option<usize>> {
    let kids = |node: &Dict<'a>| node.get::<Array<'a>>("Kids").map(|kids| kids.raw_iter());
    // A ring of nodes would never end, and a page that is named twice is one page.
    let mut seen: HashSet<ObjectIdentifier> = root.obj_id().into_iter().collect();
    let mut waiting: Vec<_> = kids(root).into_iter().collect();
    let (mut places, mut held) = (Vec::new(), 0);
    while let Some(node) = waiting.last_mut() {
        let kid = match node.next() {
            None => {
                waiting.pop();
                continue;
            }
            Some(MaybeRef::Ref(id)) if !seen.insert(id.into()) => continue,
            Some(MaybeRef::Ref(id)) => pdf.xref().get::<Dict<'a>>(id.into()),
            Some(MaybeRef::NotRef(kid)) => match kid.into_dict() {
                None => continue,
                kid => kid,
            },
        };
        match kid {
            None => places.push(None),
            Some(kid) if kid.get::<Name<'_>>("Type").is_some_and(|kind| kind.as_ref() == b"Pages") => waiting.extend(kids(&kid)),
            Some(_) => {
                places.push(Some(held));
                held += 1;
            }
        }
    }
    places
}

/// Whether a file ends before its end is marked; behind the mark of an earlier version there are further objects.
pub(super) fn is_cut(file: &[u8]) -> bool {
    let mark = b"startxref";
    let end = file.windows(mark.len()).rposition(|part| part == mark);
    end.is_none_or(|end| file[end..].windows(4).any(|part| part == b" obj"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_when_its_last_objects_have_their_mark() {
        for (file, cut) in [
            (&b"1 0 obj <<>> endobj xref startxref 9 %%EOF"[..], false),
            (b"1 0 obj <<>> endobj startxref 9 %%EOF <html>an advertisement</html>", false),
            (b"1 0 obj <<>> endobj startxref 9 %%EOF 2 0 obj <<>> endobj startxref 40", false),
            (b"1 0 obj <<>> endobj startxref 9 %%EOF 2 0 obj <<>> end", true),
            (b"1 0 obj <<>> endobj", true),
        ] {
            assert_eq!(is_cut(file), cut, "{}", String::from_utf8_lossy(file));
        }
    }
}
