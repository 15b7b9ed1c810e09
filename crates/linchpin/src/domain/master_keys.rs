//! The master keys of an installation, as their file holds them.
//!
//! The first line is 64 hexadecimal digits: the root, which all hashes and tokens follow from, and the vault's key of
//! version 1. Each later line is a version from 2 on, a space, and 64 digits: a key that the vault was rotated to.

use std::{collections::BTreeMap, fmt};

use zeroize::Zeroizing;

use super::hexadecimal;

/// A key of 32 random bytes.
pub type MasterKey = Zeroizing<[u8; 32]>;

/// The keys of one file.
#[derive(Clone)]
pub struct MasterKeys {
    root: MasterKey,
    later: BTreeMap<i64, MasterKey>,
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKeys")
    }
}

impl MasterKeys {
    /// A file's keys where it holds the root only.
    pub fn of(root: [u8; 32]) -> Self {
        Self {
            root: Zeroizing::new(root),
            later: BTreeMap::new(),
        }
    }

    /// Reads a file's text. The error is the number of the line that is wrong, from 1.
    pub fn parse(text: &str) -> Result<Self, usize> {
        let mut lines = text.trim_end().lines().zip(1_usize..);
        let root = lines
            .next()
            .and_then(|(line, _)| key(line.trim()))
            .ok_or(1_usize)?;
        let mut later = BTreeMap::new();
        for (line, number) in lines {
            let (version, digits) = line.trim().split_once(' ').ok_or(number)?;
            let version: i64 = version.parse().map_err(|_| number)?;
            let key = key(digits).ok_or(number)?;
            if version < 2 || later.insert(version, key).is_some() {
                return Err(number);
            }
        }
        Ok(Self { root, later })
    }

    /// The root.
    pub fn root(&self) -> &MasterKey {
        &self.root
    }

    /// The versions that are there, lowest first, each with its key; 1 is the root.
    pub fn versions(&self) -> impl Iterator<Item = (i64, &MasterKey)> {
        let first = std::iter::once((1, &self.root));
        first.chain(self.later.iter().map(|(version, key)| (*version, key)))
    }

    /// The highest version that is there.
    pub fn newest(&self) -> i64 {
        self.later.keys().next_back().copied().unwrap_or(1)
    }

    /// The same with a key of the next version, and that version.
    #[must_use]
    pub fn with_next(&self, key: MasterKey) -> (Self, i64) {
        let version = self.newest() + 1;
        let mut next = self.clone();
        next.later.insert(version, key);
        (next, version)
    }

    /// The same with the key that these others have of a version from 2 on.
    #[must_use]
    pub fn with_one_of(&self, others: &Self, version: i64) -> Self {
        let mut more = self.clone();
        if let Some(key) = others.later.get(&version) {
            more.later.insert(version, key.clone());
        }
        more
    }

    /// The same without a version from 2 on; `None` where it is not there.
    #[must_use]
    pub fn without(&self, version: i64) -> Option<Self> {
        let mut fewer = self.clone();
        fewer.later.remove(&version)?;
        Some(fewer)
    }

    /// The file's text.
    pub fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(80 * (1 + self.later.len())));
        for (version, key) in self.versions() {
            if version > 1 {
                text.push_str(&version.to_string());
                text.push(' ');
            }
            hexadecimal::push(&mut text, key.as_slice());
            text.push('\n');
        }
        text
    }
}

fn key(digits: &str) -> Option<MasterKey> {
    let mut key = Zeroizing::new([0_u8; 32]);
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let digit = |at: usize| char::from(*pair.get(at)?).to_digit(16);
        *byte = u8::try_from(digit(0)? << 4 | digit(1)?).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back_from_its_text() {
        let keys = MasterKeys::of([10; 32]);
        assert_eq!(*keys.text(), format!("{}\n", "0a".repeat(32)));
        let (keys, second) = keys.with_next(Zeroizing::new([11; 32]));
        let (keys, third) = keys.with_next(Zeroizing::new([12; 32]));
        assert_eq!((second, third), (2, 3));
        let read = MasterKeys::parse(&keys.text()).unwrap();
        assert_eq!(read.text(), keys.text());
        assert_eq!(read.newest(), 3);
        // A key that nothing is wrapped with any more may be taken out.
        let fewer = read.without(2).unwrap();
        let left: Vec<i64> = fewer.versions().map(|(version, _)| version).collect();
        assert_eq!(left, [1, 3]);
        assert!(fewer.without(1).is_none());
        // What hashes and tokens follow from is the same after every rotation.
        assert_eq!(**fewer.root(), [10; 32]);
        assert_eq!(fewer.with_one_of(&read, 2).text(), read.text());
    }

    #[test]
    fn what_is_no_key_is_told_by_its_line() {
        let good = "0a".repeat(32);
        for (text, line) in [
            (String::new(), 1),
            ("0a".repeat(31), 1),
            ("0g".repeat(32), 1),
            ("+1".repeat(32), 1),
            ("é1".repeat(32), 1),
            (format!("{good}\n{good}"), 2),
            (format!("{good}\n1 {good}"), 2),
            (format!("{good}\n2 {good}\n2 {good}"), 3),
            (format!("{good}\ntwo {good}"), 2),
        ] {
            assert_eq!(MasterKeys::parse(&text).err(), Some(line), "{text}");
        }
    }

    #[test]
    fn keys_are_not_printed() {
        assert_eq!(format!("{:?}", MasterKeys::of([10; 32])), "MasterKeys");
    }
}
