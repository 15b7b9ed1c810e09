//! Core dumps of a server would hold the secrets that it has in memory, so there are none.

use rustix::{
    io::Result,
    process::{Resource, Rlimit, setrlimit},
};

/// Has the system write no core of this process, and let no other process of the same user look into its memory.
pub fn switch_off() {
    if let Err(error) = try_switch_off() {
        tracing::warn!(
            %error,
            "core dumps could not be switched off; run linchpin with `LimitCORE=0` (systemd) or `ulimit -c 0`"
        );
    }
}

fn try_switch_off() -> Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    // The limit does not count where cores are piped to a program.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}
