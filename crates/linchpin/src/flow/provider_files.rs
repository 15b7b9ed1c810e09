//! Providers that an operator has written: the files of a directory, read at the start and whenever one changes.

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use linchpin_provider::Provider;

use super::Engine;

/// Time between two looks at the directory.
const EVERY: Duration = Duration::from_secs(2);
/// What provider files end with.
const EXTENSION: &str = "toml";

/// Reads one provider file.
///
/// # Errors
///
/// Everything that is wrong with it, a line each, beginning with its path.
pub type ReadProvider = fn(&Path) -> Result<Arc<dyn Provider>, Vec<String>>;

/// A directory of provider files.
#[derive(Debug, Clone)]
pub struct ProviderFiles {
    /// Where they are; every `*.toml` in it is one.
    pub directory: PathBuf,
    /// How one is read.
    pub reader: ReadProvider,
}

/// What is wrong with a directory of provider files, a line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderProblems(pub Vec<String>);

impl fmt::Display for ProviderProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ProviderProblems {}

/// What tells that a file has changed.
type Seen = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Providers as their files were when they were read.
pub struct ProvidersRead {
    /// The built-in ones, then those of the files in the order of their names.
    pub providers: Vec<Arc<dyn Provider>>,
    seen: Seen,
}

impl ProviderFiles {
    /// Reads all files.
    ///
    /// # Errors
    ///
    /// The directory cannot be read, a file is wrong, or two providers have the same id.
    pub fn read(&self, built_in: &[Arc<dyn Provider>]) -> Result<ProvidersRead, ProviderProblems> {
        let seen = self.seen()?;
        let providers = self.providers(&seen, built_in)?;
        Ok(ProvidersRead { providers, seen })
    }

    fn providers(
        &self,
        seen: &Seen,
        built_in: &[Arc<dyn Provider>],
    ) -> Result<Vec<Arc<dyn Provider>>, ProviderProblems> {
        let (mut providers, mut problems) = (built_in.to_vec(), Vec::new());
        for file in seen.keys() {
            match (self.reader)(file) {
                Err(wrong) => problems.extend(wrong),
                Ok(provider) => {
                    let id = &provider.describe().id;
                    match providers.iter().any(|known| known.describe().id == *id) {
                        true => problems.push(format!(
                            "{}: another provider has the id {id}; give this one an id of its own",
                            file.display()
                        )),
                        false => providers.push(provider),
                    }
                }
            }
        }
        match problems.is_empty() {
            true => Ok(providers),
            false => Err(ProviderProblems(problems)),
        }
    }

    fn seen(&self) -> Result<Seen, ProviderProblems> {
        self.look().map_err(|error| {
            let directory = self.directory.display();
            ProviderProblems(vec![format!(
                "providers.directory: {directory} cannot be read: {error}"
            )])
        })
    }

    fn look(&self) -> io::Result<Seen> {
        let mut seen = Seen::new();
        for entry in fs::read_dir(&self.directory)? {
            let path = entry?.path();
            if path.extension().is_some_and(|found| found == EXTENSION) {
                let about = fs::metadata(&path)?;
                seen.insert(path, (about.modified().ok(), about.len()));
            }
        }
        Ok(seen)
    }
}

/// What the process knows of its provider files.
pub struct ProviderWatch {
    files: ProviderFiles,
    built_in: Vec<Arc<dyn Provider>>,
    seen: Seen,
    told: Option<ProviderProblems>,
}

impl ProviderWatch {
    /// Goes on from what was read.
    pub fn new(
        files: ProviderFiles,
        built_in: Vec<Arc<dyn Provider>>,
        read: &ProvidersRead,
    ) -> Self {
        Self {
            files,
            built_in,
            seen: read.seen.clone(),
            told: None,
        }
    }

    /// The providers of now, where a file has changed since.
    fn changed(&mut self) -> Result<Option<Vec<Arc<dyn Provider>>>, ProviderProblems> {
        let seen = self.files.seen()?;
        if seen == self.seen {
            return Ok(None);
        }
        let providers = self.files.providers(&seen, &self.built_in)?;
        self.seen = seen;
        Ok(Some(providers))
    }
}

impl Engine {
    /// Looks for ever whether a file has changed. Where what is written now is wrong, everything stays as it was before,
    /// and the log says why.
    pub async fn keep_providers(self: Arc<Self>, mut watch: ProviderWatch) {
        loop {
            tokio::time::sleep(EVERY).await;
            let looked = tokio::task::spawn_blocking(move || {
                let changed = watch.changed();
                (watch, changed)
            });
            let Ok((seen, changed)) = looked.await else {
                tracing::error!("provider files are not looked at any more; restart to read them");
                return;
            };
            watch = seen;
            match changed {
                Ok(None) => {}
                Ok(Some(providers)) => {
                    tracing::info!("provider files have changed and are in force");
                    metrics::gauge!("linchpin_provider_files_refused").set(0.0);
                    self.go_by_providers(providers);
                    watch.told = None;
                }
                Err(problems) if watch.told.as_ref() == Some(&problems) => {}
                Err(problems) => {
                    metrics::gauge!("linchpin_provider_files_refused").set(1.0);
                    for problem in &problems.0 {
                        tracing::error!(
                            problem,
                            "provider files have changed but are not in force; those of before stay"
                        );
                    }
                    watch.told = Some(problems);
                }
            }
        }
    }
}
