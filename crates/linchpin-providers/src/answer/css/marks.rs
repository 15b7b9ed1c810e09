//! Which elements of a page a selector may be about, told while they open.

use super::{Element, PARTS_MAX, Selector, Within};

/// Which parts of a selector's paths an open element may be: one number for each path, one bit for each part. Known of an
/// element once it opens, so that each is tested once, however many are within it.
#[derive(Debug, Clone, Default)]
pub(in crate::answer) struct Marks {
    own: Vec<u8>,
    /// With those of all elements around it.
    all: Vec<u8>,
}

impl Selector {
    /// Which parts an element may be within another.
    pub(in crate::answer) fn marks(&self, element: &Element, around: Option<&Marks>) -> Marks {
        let mut marks = Marks::default();
        for (at, path) in self.0.iter().enumerate() {
            let around = |of: fn(&Marks) -> &Vec<u8>| {
                let around = around.and_then(|around| of(around).get(at));
                around.copied().unwrap_or_default()
            };
            let (directly, anywhere) = (around(|marks| &marks.own), around(|marks| &marks.all));
            let mut own = 0;
            for (part, (within, tests)) in path.iter().enumerate() {
                let outer = match within {
                    _ if part == 0 => true,
                    Within::Directly => directly & bit(part - 1) != 0,
                    Within::Anywhere => anywhere & bit(part - 1) != 0,
                };
                if outer && tests.iter().all(|test| test.holds(element)) {
                    own |= bit(part);
                }
            }
            marks.own.push(own);
            marks.all.push(own | anywhere);
        }
        marks
    }

    /// Whether it names the element with these marks.
    pub(in crate::answer) fn names(&self, marks: &Marks) -> bool {
        let mut paths = self.0.iter().zip(&marks.own);
        paths.any(|(path, own)| {
            path.len()
                .checked_sub(1)
                .is_some_and(|last| own & bit(last) != 0)
        })
    }
}

/// The bit of a part, of which there are [`PARTS_MAX`] at most.
fn bit(part: usize) -> u8 {
    1 << (part % PARTS_MAX)
}
