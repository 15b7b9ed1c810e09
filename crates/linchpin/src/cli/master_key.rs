//! The file that holds the master key.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use zeroize::Zeroizing;

use super::Refused;
use crate::domain::master_keys::MasterKeys;

/// Reads the key file. It must belong to the user that runs linchpin and be readable by nobody else.
pub fn read(path: &Path) -> Result<MasterKeys, Refused> {
    let shown = path.display();
    let refused = |text: String| Refused::new(format!("the master key file {shown} {text}"));
    let found = fs::metadata(path).map_err(|error| refused(format!("cannot be read: {error}")))?;
    if found.mode() & 0o077 != 0 {
        let mode = found.mode() & 0o777;
        return Err(refused(format!(
            "can be read by others (mode {mode:04o}). Run `chmod 600 {shown}`; if others could have read it, treat the key as known to them"
        )));
    }
    if own_user().is_some_and(|user| user != found.uid()) {
        return Err(refused(
            "belongs to another user. Give it to the user that runs linchpin with chown".to_owned(),
        ));
    }
    let text = Zeroizing::new(
        fs::read_to_string(path).map_err(|error| refused(format!("cannot be read: {error}")))?,
    );
    MasterKeys::parse(&text).map_err(|line| match line {
        1 => refused("does not hold 64 hexadecimal digits (32 bytes)".to_owned()),
        line => refused(format!(
            "is wrong in line {line}: after the first, each is a version from 2 on, a space, and 64 hexadecimal digits"
        )),
    })
}

/// Reads the key file, and makes it where there is none and the directory holds no store that needs its old key.
pub fn read_or_make(path: &Path, directory: &Path) -> Result<MasterKeys, Refused> {
    if !path.exists() {
        if directory.join("linchpin.db").exists() {
            return Err(Refused::new(format!(
                "the master key file {} is missing, and the store in {} cannot be used without it. Put the file back from where you keep it, or start with another directory",
                path.display(),
                directory.display()
            )));
        }
        make(path).map_err(|error| {
            Refused::new(format!(
                "the master key file {} cannot be made: {error}",
                path.display()
            ))
        })?;
    }
    read(path)
}

/// Writes a new key where none is. Of two processes that do so at once, both then read the same key.
fn make(path: &Path) -> io::Result<()> {
    let mut key = Zeroizing::new([0_u8; 32]);
    getrandom::fill(key.as_mut()).map_err(io::Error::other)?;
    let text = MasterKeys::of(*key).text();
    // A name of its own: one that a crash left behind must not stand in the way.
    let mut name = [0_u8; 8];
    getrandom::fill(&mut name).map_err(io::Error::other)?;
    let draft = path.with_extension(format!("key.{:016x}", u64::from_le_bytes(name)));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // A link, unlike a rename, never replaces a key that is already there.
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }?;
    match path.parent() {
        Some(parent) => fs::File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

/// The user that this process runs as, where the system tells it.
fn own_user() -> Option<u32> {
    fs::metadata("/proc/self").ok().map(|found| found.uid())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        let first = read_or_make(&path, directory.path()).unwrap();
        let again = read_or_make(&path, directory.path()).unwrap();
        assert_eq!(again.text(), first.text());
        assert_ne!(**first.root(), [0; 32]);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_remedy() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        read_or_make(&path, directory.path()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let refused = read(&path).unwrap_err().to_string();
        assert!(refused.contains("chmod 600"), "{refused}");
    }

    #[test]
    fn a_lost_key_is_not_replaced_where_a_store_needs_it() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("linchpin.db"), "").unwrap();
        let path = directory.path().join("master.key");
        assert!(read_or_make(&path, directory.path()).is_err());
        assert!(!path.exists());
    }
}
