//! Reading a provider file, and the files with secrets that it names.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
    sync::Arc,
};

use linchpin_provider::{Provider, Secret};
use linchpin_providers::{Declared, Problem, Secrets};
use zeroize::Zeroizing;

/// Bytes of a file with a secret at most.
const SECRET_MAX: u64 = 64 * 1024;

/// Reads a provider file; what is wrong with it is told a line each, beginning with path, line and column.
///
/// Files that it names are looked for beside it.
pub fn read(path: &Path) -> Result<Arc<dyn Provider>, Vec<String>> {
    read_with(path, linchpin_providers::read)
}

/// The same for a file of kind `http`, to be tried out; `None` for one of another kind.
pub fn read_declared(path: &Path) -> Result<Option<Declared>, Vec<String>> {
    read_with(path, linchpin_providers::read_declared)
}

fn read_with<T>(
    path: &Path,
    reader: impl Fn(&str, Secrets<'_>) -> Result<T, Vec<Problem>>,
) -> Result<T, Vec<String>> {
    let shown = path.display();
    let most = u64::try_from(linchpin_providers::LENGTH_MAX).unwrap_or(u64::MAX);
    // One byte more shows that there is more.
    let text = read_text(path, most + 1)
        .map_err(|error| vec![format!("{shown}: cannot be read: {error}")])?;
    let beside = path.parent().unwrap_or(Path::new("."));
    let secrets = |name: &str| read_secret(&beside.join(name));
    reader(&text, &secrets).map_err(|problems| {
        let lines = problems.iter().map(|problem| format!("{shown}:{problem}"));
        lines.collect()
    })
}

/// A secret without the line breaks at the end of its file.
pub fn read_secret(path: &Path) -> Result<Secret, String> {
    let wrong = |error: io::Error| format!("{}: {error}", path.display());
    let text = read_text(path, SECRET_MAX).map_err(wrong)?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

fn read_text(path: &Path, most: u64) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    File::open(path)?.take(most).read_to_string(&mut text)?;
    Ok(text)
}
