//! A full disk: init is refused in words, everything that only reads goes on, and room is all it takes.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use crate::{
    client::{Answer, Client},
    database,
    kills::{assert_linked, promised_on},
    ledger::{AfterEnd, Ledger, Load, Promise, init, status_on},
    person::Person,
    process::{Linchpin, Start},
    run::{Dice, skip, times, turn},
};

/// Requests after which a disk of this size must long be full.
const FILLS_MAX: usize = 20_000;

#[test]
fn a_full_disk_refuses_new_sessions_and_serves_the_old_ones_until_there_is_room_again() {
    let _turn = turn();
    let disk = match SmallDisk::of_megabytes(3) {
        Ok(disk) => disk,
        Err(reason) => {
            return skip(
                "a_full_disk_refuses_new_sessions_and_serves_the_old_ones_until_there_is_room_again",
                &reason,
            );
        }
    };
    let server = disk.start();
    let mut ledger = Ledger::default();
    ledger.promises.push(promised_on(&server));
    for _ in 0..times(3, 30) {
        disk.fill();
        let refusal = until_refused(&server, &mut ledger);
        assert!(
            refusal.is_clean_refusal(),
            "{} {}",
            refusal.status,
            refusal.text()
        );
        assert!(
            refusal.text().contains("storage_full"),
            "{}",
            refusal.text()
        );

        let known = ledger.promises.last().unwrap();
        assert_eq!(status_on(&server, &known.secret), "initialized");
        let page = server.client().get(&known.path(), &[]).unwrap();
        assert_eq!(page.status, 200, "{}", page.text());

        disk.make_room();
        ledger.promises.push(promised_on(&server));
    }
    ledger.is_kept_by(&server);
    let link = ledger.promises.pop().unwrap().path();
    let mut person = Person::with_link(server.address, &link, "roomy@creator-otp.sandbox.com");
    assert_linked(&person.goes_to_the_end().unwrap());

    server.kill();
    database::is_consistent(&disk.directory());
    let server = disk.start();
    ledger.is_kept_by(&server);
}

#[test]
fn a_disk_that_fills_and_empties_under_load_loses_nothing() {
    let _turn = turn();
    let disk = match SmallDisk::of_megabytes(64) {
        Ok(disk) => disk,
        Err(reason) => {
            return skip(
                "a_disk_that_fills_and_empties_under_load_loses_nothing",
                &reason,
            );
        }
    };
    let mut dice = Dice::thrown_for("full disk under load");
    let server = disk.start();
    let load = Load::on(&server, 8, &mut dice, AfterEnd::Stop);
    for _ in 0..times(5, 50) {
        disk.fill();
        std::thread::sleep(std::time::Duration::from_millis(dice.below(120)));
        disk.make_room();
        std::thread::sleep(std::time::Duration::from_millis(dice.below(120)));
    }
    let mut ledger = load.stop();
    assert!(ledger.ends.is_empty(), "{:?}", ledger.ends);
    for refusal in &ledger.refusals {
        assert!(
            refusal.is_clean_refusal(),
            "{} {}",
            refusal.status,
            refusal.text()
        );
    }
    // The load itself may have taken what room there was; then what was promised is all that counts.
    if ledger.refusals.last().is_none_or(|_| disk.has_room()) {
        ledger.promises.push(promised_on(&server));
    }
    server.kill();
    database::is_consistent(&disk.directory());
    for promise in &mut ledger.promises {
        promise.repeat_key = None;
    }
    ledger.unanswered.clear();
    let server = disk.start();
    ledger.is_kept_by(&server);
}

fn until_refused(server: &Linchpin, ledger: &mut Ledger) -> Answer {
    let mut client: Client = server.client();
    for _ in 0..FILLS_MAX {
        let answer = init(&mut client, &server.key, None).unwrap();
        if answer.status != 200 {
            return answer;
        }
        ledger.promises.push(Promise::of(&answer, None));
    }
    panic!("the disk does not get full");
}

/// A file system in memory that only processes of its own see: it is gone with the last of them.
struct SmallDisk {
    holder: Child,
    mount_point: tempfile::TempDir,
}

impl SmallDisk {
    fn of_megabytes(size: usize) -> Result<Self, String> {
        let mount_point = tempfile::tempdir().unwrap();
        let script = format!(
            "mount -t tmpfs -o size={size}m,mode=0700 tmpfs \"$1\" && echo mounted && exec sleep 3600"
        );
        let mut command = Command::new("unshare");
        // Root in a namespace of its own may mount; a user becomes that root first.
        command
            .args(["--user", "--map-root-user", "--mount"])
            .args(["sh", "-c", &script, "sh"]);
        command.arg(mount_point.path());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut holder = command
            .spawn()
            .map_err(|error| format!("unshare cannot be run: {error}"))?;
        let mut said = BufReader::new(holder.stdout.take().unwrap()).lines();
        if said.next().is_some() {
            return Ok(Self {
                holder,
                mount_point,
            });
        }
        holder.wait().unwrap();
        Err("this machine does not let a small file system be mounted".to_owned())
    }

    /// A server whose data directory is on the disk, as its processes see it.
    fn start(&self) -> Linchpin {
        let seen = self.mount_point.path().join("data");
        let holder = self.holder.id().to_string();
        let words = [
            "nsenter",
            "--preserve-credentials",
            "--user",
            "--mount",
            "--target",
        ];
        let wrapper = words
            .iter()
            .map(OsString::from)
            .chain([OsString::from(holder)]);
        Start::on(seen).through(wrapper).go()
    }

    /// The data directory as this process sees it.
    fn directory(&self) -> PathBuf {
        self.root().join("data")
    }

    fn root(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(self.mount_point.path().strip_prefix("/").unwrap())
    }

    /// Takes every byte that is left.
    fn fill(&self) {
        let mut ballast = File::options()
            .create(true)
            .append(true)
            .open(self.root().join("ballast"))
            .unwrap();
        let page = [0; 4096];
        while ballast.write_all(&page).is_ok() {}
    }

    fn has_room(&self) -> bool {
        let probe = self.root().join("probe");
        let fits = fs::write(&probe, vec![0; 64 * 1024]).is_ok();
        fs::remove_file(probe).unwrap();
        fits
    }

    fn make_room(&self) {
        fs::remove_file(self.root().join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        self.holder.kill().unwrap_or_default();
        self.holder.wait().map(drop).unwrap_or_default();
    }
}
