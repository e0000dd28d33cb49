//! The header profile of a scenario: one that comes with feedbench, or a file.

use std::path::Path;

use anyhow::{bail, ensure};
use feedbench_record::scenario::{Compression, Scenario, topic_name};
use feedbench_record::transport::Transport;
use feedbench_wire::headers::{Ask, COOKIE_MIN_BYTES, HEAD_MAX_BYTES, Profile, Scheme, cookie};
use feedbench_wire::{Cursor, path};

/// The largest file that is read (bytes).
const FILE_MAX_BYTES: u64 = 1 << 20;

/// The profile that a scenario names, by a built-in name or a path. A path becomes the file's name: what was measured
/// says nothing of anybody's folders.
///
/// # Errors
/// When there is no such profile, or a line of its file is wrong.
pub(crate) fn of(scenario: &mut Scenario) -> anyhow::Result<Profile> {
    let given = scenario.headers.clone();
    if let Some(profile) = Profile::built_in(&given) {
        return Ok(profile);
    }
    let path = Path::new(&given);
    let Some(name) = path.file_name().filter(|_| path.exists() || given.contains(['/', '.'])) else {
        let known: Vec<_> = Profile::names().collect();
        bail!("\"{given}\" is no header profile; there are: {}, or a file", known.join(", "));
    };
    if let Ok(file) = path.metadata() {
        ensure!(file.len() <= FILE_MAX_BYTES, "the header profile {given} is larger than {FILE_MAX_BYTES} bytes");
    }
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => bail!("cannot read the header profile {given}: {error}"),
    };
    scenario.headers = name.to_string_lossy().into_owned();
    Profile::parse(&text).map_err(|error| anyhow::anyhow!("header profile {given}: {error}"))
}

/// Checks that a transport's requests can be made of a profile, with the cookie of the scenario.
///
/// # Errors
/// When the profile does not say how, or the head is longer than a server takes.
pub(crate) fn check(profile: &Profile, transport: Transport, scenario: &Scenario) -> anyhow::Result<()> {
    let name = &scenario.headers;
    ensure!(
        profile.speaks(transport),
        "the header profile {name} has no section for {transport}; add one, or choose others with --transport"
    );
    let compresses = scenario.compression != Compression::None;
    if let Some(why) = profile.against_compression(transport).filter(|_| compresses) {
        bail!("--compression {} and the header profile {name} contradict each other: {why}", scenario.compression);
    }
    let profile = if compresses { profile.clone().taking_compressed() } else { profile.clone() };
    let bytes = scenario.cookie_bytes;
    ensure!(
        bytes == 0 || bytes >= COOKIE_MIN_BYTES,
        "a cookie of {bytes} bytes is too short; --cookie is 0 or at least {COOKIE_MIN_BYTES}: sid=x"
    );
    let too_long =
        format!("a request with a cookie of {bytes} bytes is longer than {HEAD_MAX_BYTES} bytes, its longest");
    ensure!((bytes as usize) < HEAD_MAX_BYTES, "{too_long}; --cookie is less");
    let cookie = cookie(bytes);
    let cursor = Cursor { epoch: u16::MAX, seq: u64::MAX };
    let last_event_id = cursor.to_string();
    let longest = profile.head(&Ask {
        transport,
        target: &path::target(transport, &topic_name(u32::MAX), Some(cursor), Some(u64::MAX)),
        scheme: Scheme::Https,
        // The longest name of a host (RFC 1035 section 2.3.4), and a port.
        host: &"x".repeat(255 + ":65535".len()),
        connection: scenario.connection,
        cookie: cookie.as_deref(),
        last_event_id: Some(&last_event_id),
        key: Some("dGhlIHNhbXBsZSBub25jZQ=="),
    });
    ensure!(longest.len() <= HEAD_MAX_BYTES, "{too_long}; --cookie is less, or --headers has fewer fields");
    Ok(())
}
