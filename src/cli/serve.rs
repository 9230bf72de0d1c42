//! `plimsoll serve`: the service runs by its configuration until it is told to stop.

use std::path::PathBuf;
use std::sync::Arc;

use hyper::Method;
use rustls::RootCertStore;

use super::args::{LogForm, ServeArguments};
use super::console::Console;
use super::exit::{self, Exit};
use super::machine;
use super::record::Recorder;
use super::trouble::Trouble;
use crate::platforms::https::{Endpoint, Https, Limits, Outgoing};
use crate::runtime::config::Config;
use crate::runtime::log::{self, Form};
use crate::runtime::serve::{self, ServeError};
use crate::runtime::tokio::{Pace, TokioRuntime};
use crate::store::OpenError;

/// # Errors
/// A configuration that cannot be used, or a service that cannot start.
pub fn serve(asked: &ServeArguments, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let config = load(&asked.config)?;
    let form = match asked.log {
        LogForm::Text => Form::Text,
        LogForm::Json => Form::Json,
    };
    log::start(form, config.secrets()).map_err(|error| Trouble::Service {
        cause: format!("the log cannot be started: {error}"),
        remedy: "report this: nothing else of this process logs".to_owned(),
    })?;
    let ready = |at: serve::Listening| {
        console.talk(&format!("listening for webhooks at {}, watched at {}\n", at.webhooks, at.watch));
    };
    let second = || std::process::exit(i32::from(exit::INTERRUPTED));
    let pace = asked.clock_of.as_ref().map(clock_of).transpose()?;
    let today = pace.map_or_else(machine::now, |pace| pace.now);
    let record = |folder: &PathBuf| Recorder::start(folder, &asked.shops, &config.policy, today);
    let recorder = asked.record.as_ref().map(record).transpose()?;
    let witness = recorder.as_ref().map(Recorder::witness);
    let path = asked.config.clone();
    let again = Arc::new(move || {
        Config::load(&path, &|name| std::env::var_os(name)).map_err(|error| error.to_string())
    });
    serve::serve(&config, pace, again, witness, ready, second).map_err(trouble)?;
    Ok(Exit::Held)
}

/// What the clock of both twins shows, and how fast it runs.
///
/// # Errors
/// Nobody there tells the time.
pub fn clock_of(twin: &Endpoint) -> Result<Pace, Trouble> {
    #[derive(serde::Deserialize)]
    struct Clock {
        now: String,
        speed: u32,
    }
    let failed = |cause: String| Trouble::Service {
        cause: format!("no clock at {twin}: {cause}"),
        remedy: "name the control port of a `plimsoll twin` that is up".to_owned(),
    };
    let threads = threads()?;
    let runtime = TokioRuntime::on_wall_clock(threads.handle().clone());
    let https = Https::trusting(RootCertStore::empty(), Limits::default());
    let request = Outgoing::new(Method::GET, twin, "/clock", String::new());
    let answer =
        threads.block_on(https.exchange(&runtime, request)).map_err(|error| failed(error.to_string()))?;
    let clock: Clock = serde_json::from_str(&answer.text(&[])).map_err(|error| failed(error.to_string()))?;
    let now = clock.now.parse().map_err(|error| failed(format!("{error}")))?;
    Ok(Pace { now, speed: clock.speed })
}

/// The configuration with its secrets, from the environment of this process.
///
/// # Errors
/// A file that cannot be used.
pub fn load(path: &std::path::Path) -> Result<Config, Trouble> {
    Config::load(path, &|name| std::env::var_os(name)).map_err(|error| Trouble::Files(vec![*error]))
}

/// Threads for calls to the platforms.
///
/// # Errors
/// The system gives none.
pub fn threads() -> Result<tokio::runtime::Runtime, Trouble> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| Trouble::Service {
        cause: format!("the system gives no threads: {error}"),
        remedy: "see the limits of this user".to_owned(),
    })
}

/// What to do about a service that does not start.
fn trouble(error: ServeError) -> Trouble {
    let remedy = match &error {
        ServeError::Store(store) => of_store(store),
        ServeError::Unreadable(_) => ROOM,
        ServeError::Listen { .. } => "free the address, or listen at another one",
        ServeError::NoRoots(_) => "install the system's package of root certificates",
        ServeError::Intake(_) | ServeError::System(_) => "see the cause above",
    };
    Trouble::Service { cause: error.to_string(), remedy: remedy.to_owned() }
}

const ROOM: &str = "see that the folder exists, may be written by this process, and has room";

/// What to do about a store that does not open.
pub fn of_store(error: &OpenError) -> &'static str {
    match error {
        OpenError::InUse { .. } => "stop the other process first: one store is served by one process",
        OpenError::TooNew { .. } => "run the release that wrote it, or a later one",
        OpenError::TooOld { .. } => "start `plimsoll serve` once: it brings the store up to date",
        OpenError::MigrationDiffers { .. } => "name the store of this program, or restore it from a backup",
        OpenError::Foreign { .. } => "name the store of this merchant, or a new one",
        OpenError::File { .. } | OpenError::Sqlite(_) => ROOM,
    }
}
