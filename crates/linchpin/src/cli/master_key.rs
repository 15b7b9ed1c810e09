//! The file that holds the master keys.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::Refused;
use crate::{domain::master_keys::MasterKeys, vault::KeySource};

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
    if rustix::process::geteuid().as_raw() != found.uid() {
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

/// The keys of a file that were read, and how a running server reads them again.
pub fn source(keys: MasterKeys, path: PathBuf) -> KeySource {
    KeySource::new(keys, move || {
        read(&path).map_err(|refused| refused.to_string())
    })
}

/// Changes the keys of the file as `change` says; answers what that has made of them besides.
///
/// Of two processes that do so at once, one waits for the other. After a crash the file holds the keys of before or
/// those of afterwards.
pub fn change<T>(
    path: &Path,
    change: impl FnOnce(MasterKeys) -> Result<(MasterKeys, T), Refused>,
) -> Result<T, Refused> {
    let failed = |error: io::Error| {
        Refused::new(format!(
            "the master key file {} cannot be changed: {error}. Where it is kept read-only, add or remove the line of the version there by hand: see docs/operations/vault.md",
            path.display()
        ))
    };
    // A link stays a link: what it leads to is replaced.
    let path = fs::canonicalize(path).map_err(failed)?;
    let _lock = lock(&path).map_err(failed)?;
    let (changed, made) = change(read(&path)?)?;
    let draft = draft(&path, &changed).map_err(failed)?;
    if let Err(error) = fs::rename(&draft, &path) {
        fs::remove_file(&draft).map_err(failed)?;
        return Err(failed(error));
    }
    flush_directory(&path).map_err(failed)?;
    Ok(made)
}

/// Locks the file that is at this path once the lock is held.
fn lock(path: &Path) -> io::Result<fs::File> {
    loop {
        let file = fs::File::open(path)?;
        file.lock()?;
        // Whoever held the lock before has put another file there.
        if file.metadata()?.ino() == fs::metadata(path)?.ino() {
            return Ok(file);
        }
    }
}

/// Writes a new key where none is. Of two processes that do so at once, both then read the same key.
fn make(path: &Path) -> io::Result<()> {
    let mut key = Zeroizing::new([0_u8; 32]);
    getrandom::fill(key.as_mut()).map_err(io::Error::other)?;
    let draft = draft(path, &MasterKeys::of(*key))?;
    // A link, unlike a rename, never replaces a key that is already there.
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }?;
    flush_directory(path)
}

/// Writes keys to a file beside this one, where they are on the disk when it returns.
fn draft(path: &Path, keys: &MasterKeys) -> io::Result<PathBuf> {
    // A name of its own: one that a crash left behind must not stand in the way.
    let mut name = [0_u8; 8];
    getrandom::fill(&mut name).map_err(io::Error::other)?;
    let draft = path.with_extension(format!("key.{:016x}", u64::from_le_bytes(name)));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(keys.text().as_bytes())?;
    file.sync_all()?;
    Ok(draft)
}

fn flush_directory(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) => fs::File::open(parent)?.sync_all(),
        None => Ok(()),
    }
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
    fn keys_are_added_and_taken_out_and_the_root_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        let root = read_or_make(&path, directory.path()).unwrap();
        let link = directory.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let next = |keys: MasterKeys| Ok(keys.with_next(Zeroizing::new([5; 32])));
        assert_eq!(change(&link, next).unwrap(), 2);
        assert_eq!(change(&path, next).unwrap(), 3);
        assert!(change(&path, |_| Err::<(MasterKeys, ()), _>(Refused::new("no"))).is_err());
        change(&path, |keys| Ok((keys.without(2).unwrap(), ()))).unwrap();
        let left = read(&path).unwrap();
        let versions: Vec<i64> = left.versions().map(|(version, _)| version).collect();
        assert_eq!(versions, [1, 3]);
        assert_eq!(left.root(), root.root());
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    }

    #[test]
    fn of_many_that_add_a_key_at_once_none_is_lost() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        read_or_make(&path, directory.path()).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| change(&path, |keys| Ok(keys.with_next(Zeroizing::new([5; 32])))));
            }
        });
        assert_eq!(read(&path).unwrap().newest(), 9);
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
