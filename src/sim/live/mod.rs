//! Both twins on loopback: the world of a scenario in step with the machine's clock, and whoever connects over HTTP in
//! the place of the engine.
//!
//! In reading order: [`keys`] (secrets), [`pace`] (time), [`host`] (the thread of the world), `exchange` (one request),
//! `callers` (who waits for which), `sockets` (HTTP), [`tls`] (what callers over HTTPS see), `hooks` (webhooks out),
//! `statements` (the bank's files), [`verdict`] (the judgement from outside), [`document`] and `control` (the port for
//! people and scripts), [`paste`] (what an integration is told).
//!
//! Not here: the world, faults and rules, which are those of every run.

mod callers;
mod certificate;
mod control;
pub mod document;
mod exchange;
mod hooks;
pub mod host;
pub mod keys;
pub mod pace;
pub mod paste;
pub(in crate::sim) mod sockets;
mod spelled;
mod statements;
pub mod tls;
pub mod verdict;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;

use ring::hmac;
use rustls::RootCertStore;
use tokio::runtime::Runtime as Threads;
use tokio::sync::oneshot;

use crate::domain::{ShopKey, Timestamp, Zone};
use crate::mocks::http::{Asked, Told};
use crate::mocks::{netsuite, shopify};
use crate::platforms::https::{Endpoint, Https};
use crate::runtime::tokio::wall_clock;
use crate::scenario::Scenario;
use crate::sim::executor::{Executor, Group};
use crate::sim::rehearsal::{NotStaged, Rehearsal, RunOptions};
use control::Control;
use exchange::Exchange;
use hooks::Hooks;
use host::{Host, Message, Of};
use keys::Keys;
use pace::Pace;
use sockets::Answers;
use statements::{NotWritten, Statements};
use tls::Identity;

/// How the twins are brought up.
pub struct Setup {
    pub scenario: Scenario,
    pub seed: u64,
    /// Virtual seconds in one of the machine's.
    pub speed: u32,
    pub keys: Keys,
    /// The first port that is tried; 0 for any.
    pub port: u16,
    /// Where all webhooks go instead of the hosts of their addresses.
    pub ingress: Option<Endpoint>,
    /// Where the banks' statements are written.
    pub statements: Option<PathBuf>,
    /// Signatures and tokens are held against the virtual time instead of the machine's clock.
    pub virtual_door: bool,
    /// What both platforms show over TLS; without it they speak plain HTTP.
    pub tls: Option<Identity>,
}

/// Where everybody listens.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Of both platforms: `http` or `https`. The control port is always plain.
    pub scheme: &'static str,
    pub control: SocketAddr,
    pub netsuite: SocketAddr,
    /// Key, domain and address of each shop.
    pub shops: Vec<(ShopKey, Box<str>, SocketAddr)>,
    /// The port that was asked for was taken.
    pub moved: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    #[error("no free port on this machine from {port} on: {cause}")]
    Port { port: u16, cause: io::Error },
    #[error("the system gives no threads: {0}")]
    System(io::Error),
    #[error(transparent)]
    Staged(#[from] NotStaged),
    #[error(transparent)]
    Statements(#[from] NotWritten),
    #[error("webhooks can reach nobody: {0}; name a receiver on this machine")]
    NoRoots(#[from] crate::platforms::https::NoRoots),
    #[error("the host has ended before its time")]
    Ended,
}

/// The twins, up and reachable.
pub struct Live {
    pub addresses: Addresses,
    host: Sender<Message>,
    thread: JoinHandle<Option<Host>>,
    /// Of the sockets.
    threads: Threads,
}

impl Live {
    /// Brings the twins up. From here on time passes.
    ///
    /// # Errors
    /// As [`LiveError`] says; then nobody listens.
    pub fn open(setup: Setup) -> Result<Live, LiveError> {
        let threads = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(LiveError::System)?;
        let handle = threads.handle().clone();
        let mut port = setup.port;
        let mut moved = false;
        let mut listen = || -> Result<(std::net::TcpListener, SocketAddr), LiveError> {
            let failed = |cause| LiveError::Port { port, cause };
            let listener = sockets::listen(port).map_err(failed)?;
            let at = listener.local_addr().map_err(failed)?;
            moved |= port != 0 && at.port() != port;
            port = if port == 0 { 0 } else { at.port().saturating_add(1) };
            Ok((listener, at))
        };
        let (control, control_at) = listen()?;
        let (netsuite, netsuite_at) = listen()?;
        let mut shops = Vec::new();
        for shop in &setup.scenario.profile.shops {
            let (listener, at) = listen()?;
            shops.push((shop.key, shop.domain.clone(), at, listener));
        }
        let tls = setup.tls.clone();
        let scheme = scheme(&setup);
        let (sender, inbox) = mpsc::channel();
        let https = match &setup.ingress {
            // Nobody beyond this machine is spoken to, so nobody is trusted.
            Some(ingress) if ingress.to_string().starts_with("http:") => {
                Https::trusting(RootCertStore::empty(), hooks::PATIENCE)
            }
            _ => Https::with_platform_roots(hooks::PATIENCE)?,
        };
        let secrets = setup.scenario.profile.shops.iter().map(|shop| {
            let secret = setup.keys.app(shop.key).client_secret;
            (shop.domain.clone(), hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
        });
        let hooks = Hooks {
            handle: handle.clone(),
            https: Arc::new(https),
            secrets: secrets.collect(),
            ingress: setup.ingress.clone(),
            host: sender.clone(),
        };
        let (opened, is_open) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("world".to_owned())
            .spawn(move || match host(setup, hooks) {
                Ok(host) => {
                    // Whoever waits for it is the caller of this function.
                    let _ = opened.send(Ok(()));
                    Some(host.play(&inbox))
                }
                Err(error) => {
                    let _ = opened.send(Err(error));
                    None
                }
            })
            .map_err(LiveError::System)?;
        is_open.recv().map_err(|_| LiveError::Ended)??;
        let serve = |listener, door: Door| {
            sockets::serve(&handle, listener, tls.as_ref(), Arc::new(door)).map_err(LiveError::System)
        };
        sockets::serve(&handle, control, None, Arc::new(Control { host: sender.clone() }))
            .map_err(LiveError::System)?;
        serve(netsuite, Door { of: Of::NetSuite, domain: None, host: sender.clone() })?;
        let mut addresses = Vec::new();
        for (key, domain, at, listener) in shops {
            let door = Door { of: Of::Shopify(key), domain: Some(domain.clone()), host: sender.clone() };
            serve(listener, door)?;
            addresses.push((key, domain, at));
        }
        let addresses =
            Addresses { scheme, control: control_at, netsuite: netsuite_at, shops: addresses, moved };
        Ok(Live { addresses, host: sender, thread, threads })
    }

    /// Asks the host something, and waits for its answer.
    ///
    /// # Errors
    /// The host is gone.
    pub fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut Host) -> T + Send + 'static,
    ) -> Result<T, LiveError> {
        let (reply, said) = mpsc::channel();
        let command = Box::new(move |host: &mut Host| {
            // Whoever asked waits below.
            let _ = reply.send(ask(host));
        });
        self.host.send(Message::Command(command)).map_err(|_| LiveError::Ended)?;
        said.recv().map_err(|_| LiveError::Ended)
    }

    /// Closes the sockets and lets the world go.
    pub fn close(self) {
        // A host that has ended needs not be told.
        let _ = self.host.send(Message::Stop);
        let _ = self.thread.join();
        // Its ports are free when this returns.
        self.threads.shutdown_timeout(CLOSES_WITHIN);
    }
}

/// How long connections may take to be dropped.
const CLOSES_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);

/// By which callers reach both platforms.
const fn scheme(setup: &Setup) -> &'static str {
    if setup.tls.is_some() { "https" } else { "http" }
}

/// Puts the world together on the thread on which it will live.
fn host(setup: Setup, hooks: Hooks) -> Result<Host, LiveError> {
    let scheme = scheme(&setup);
    let Setup { scenario, seed, speed, keys, statements, virtual_door, .. } = setup;
    let mut executor = Executor::new(seed, scenario.starts);
    let world = executor.runtime(Group::World);
    let nobody = executor.runtime(Group::Engine(0));
    let options = RunOptions { seed, ..RunOptions::default() };
    let rehearsal = Rehearsal::new(&scenario, &options, world.clone(), nobody)?;
    rehearsal.open_door(Arc::new(hooks));
    let mut shops = shopify::http::Face::new();
    for shop in &scenario.profile.shops {
        shops.install(shop.key, keys.app(shop.key));
    }
    let account = netsuite::http::Face::new(keys.account(scheme)).with_zone(Zone::utc());
    let callers = (!virtual_door).then_some(wall_clock as fn() -> Timestamp);
    let exchange =
        Arc::new(Exchange::new(Arc::clone(&rehearsal.stage), world.clone(), shops, account, callers));
    let banks = scenario.profile.subsidiaries.iter().map(|subsidiary| subsidiary.accounts.bank);
    let statements = statements.map(|folder| Statements::new(&folder, banks.collect())).transpose()?;
    let starts = scenario.starts;
    Ok(Host {
        scenario: Arc::new(scenario),
        seed,
        executor,
        rehearsal,
        world,
        exchange,
        pace: Pace::new(starts, speed),
        reported: None,
        statements,
        failed: None,
        rest_since: None,
        judged: None,
        due_at_end: Default::default(),
        looked_at: starts,
        landing: verdict::Landing::default(),
    })
}

/// One platform's door: hands requests to the host.
struct Door {
    of: Of,
    /// The shop whose port it is, for callers that do not name it.
    domain: Option<Box<str>>,
    host: Sender<Message>,
}

impl Answers for Door {
    async fn answer(&self, mut asked: Asked) -> Option<Told> {
        if let Some(domain) = &self.domain {
            asked.name_host(domain);
        }
        let (reply, outcome) = oneshot::channel();
        // Dropped with this future: when the answer is there, or the connection is gone.
        let here = Arc::new(());
        let caller = Arc::downgrade(&here);
        self.host.send(Message::Asked { of: self.of, asked, caller, reply }).ok()?;
        outcome.await.ok().flatten()
    }
}
