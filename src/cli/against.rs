//! `plimsoll certify --against`: the same campaign, with an integration that is not ours between the twins.
//!
//! Lives here: a [`Simulator`] whose runs are played to whoever connects. What an integration is told before each run,
//! when its URL has a path for that, is [`World`].

use std::net::{TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use hyper::Method;
use rustls::RootCertStore;
use serde::Serialize;

use super::campaign::Planned;
use super::interrupt::Interrupt;
use super::simulation::Simulation;
use super::simulator::{RunRequest, Simulator, SimulatorError};
use super::trouble::Trouble;
use crate::domain::ShopKey;
use crate::ledger::books::Books;
use crate::platforms::https::{Endpoint, Https, Limits, Outgoing};
use crate::policy::file_error::FileError;
use crate::reconcile::close::items::Statement;
use crate::runtime::tokio::TokioRuntime;
use crate::scenario::Scenario;
use crate::scenario::import::{ImportError, ImportOptions, Imported};
use crate::sim::live::keys::{ACCOUNT, Keys};
use crate::sim::live::verdict::State;
use crate::sim::live::{Addresses, Live, Setup};
use crate::sim::result::{Progress, RunResult};

#[derive(Debug, Clone, Args)]
pub struct AgainstArguments {
    /// Certify the integration at this URL instead of our engine: webhooks are posted there
    #[arg(long, value_name = "URL", help_heading = "Another integration")]
    pub against: Option<Endpoint>,
    /// Subscribe to all topics of orders on its behalf, with this path
    #[arg(long, value_name = "PATH", requires = "against", help_heading = "Another integration")]
    pub webhook_path: Option<String>,
    /// Posted to before each run with the world that begins; it is to forget the one before
    #[arg(long, value_name = "PATH", requires = "against", help_heading = "Another integration")]
    pub reset_path: Option<String>,
    /// Virtual seconds in one of the machine's
    #[arg(long, value_name = "X", default_value_t = 60, requires = "against", help_heading = "Another integration", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub speed: u32,
    /// The first port of the twins: the control port; NetSuite and each shop follow
    #[arg(
        long,
        value_name = "P",
        default_value_t = 4400,
        requires = "against",
        help_heading = "Another integration"
    )]
    pub port: u16,
    /// Keeps the twins' secrets, so that they are the same the next time
    #[arg(
        long,
        value_name = "DIR",
        default_value = ".plimsoll/twin",
        requires = "against",
        help_heading = "Another integration"
    )]
    pub folder: PathBuf,
}

/// Plays runs to an integration.
pub struct Against {
    target: Endpoint,
    asked: AgainstArguments,
    keys: Keys,
    interrupt: Interrupt,
}

/// The body of the call to `--reset-path`.
#[derive(Debug, Serialize)]
struct World<'a> {
    scenario: &'a str,
    seed: u64,
    /// Virtual seconds in one of the machine's, from `starts` on.
    speed: u32,
    starts: String,
    shops: Vec<Shop>,
    netsuite: Account,
    /// `GET /verdict`, `POST /exceptions`.
    control: String,
}

#[derive(Debug, Serialize)]
struct Shop {
    key: ShopKey,
    domain: Box<str>,
    endpoint: String,
    access_token: Box<str>,
    client_id: Box<str>,
    client_secret: Box<str>,
}

#[derive(Debug, Serialize)]
struct Account {
    account: &'static str,
    endpoint: String,
    consumer_key: Box<str>,
    consumer_secret: Box<str>,
    token: Box<str>,
    token_secret: Box<str>,
}

/// How long the integration may take to connect, and to forget a world.
const CONNECTS_WITHIN: Duration = Duration::from_secs(5);
const FORGETS_WITHIN: crate::domain::Duration = crate::domain::Duration::from_secs(60);

/// How often it is looked how far a run is.
const LOOK: Duration = Duration::from_millis(100);

impl Against {
    /// `None` if our own engine is to be certified.
    ///
    /// # Errors
    /// Nobody answers at the URL, the secrets cannot be kept, or there are more runs than can be told apart.
    pub fn of(
        asked: &AgainstArguments,
        planned: &[Planned],
        interrupt: &Interrupt,
    ) -> Result<Option<Against>, Trouble> {
        let Some(target) = asked.against.clone() else { return Ok(None) };
        let runs: usize = planned.iter().map(|one| one.seeds.len()).sum();
        if runs > 1 && asked.reset_path.is_none() {
            return Err(Trouble::Usage {
                cause: format!("{runs} runs, each with a world of its own, and nobody tells the integration"),
                remedy: "name a path with --reset-path, or one scenario and one --seed".to_owned(),
            });
        }
        reachable(&target)?;
        let keys = Keys::of_folder(&asked.folder)?;
        Ok(Some(Against { target, asked: asked.clone(), keys, interrupt: interrupt.clone() }))
    }

    /// Brings the twins up and tells the integration.
    fn open(&self, scenario: &Scenario, seed: u64) -> Result<Live, SimulatorError> {
        let live = Live::open(Setup {
            scenario: scenario.clone(),
            seed,
            speed: self.asked.speed,
            keys: self.keys.clone(),
            port: self.asked.port,
            ingress: Some(self.target.clone()),
            statements: None,
            virtual_door: false,
            tls: None,
        })?;
        if live.addresses.moved {
            let port = self.asked.port;
            live.close();
            return Err(format!("port {port} or one after it is taken; choose others with --port").into());
        }
        if let Some(path) = &self.asked.reset_path
            && let Err(error) = self.tell(path, &live.addresses, scenario, seed)
        {
            live.close();
            return Err(error);
        }
        if let Some(path) = &self.asked.webhook_path {
            let uri = format!("https://integration.example/{}", path.trim_start_matches('/'));
            live.ask(move |host| host.subscribe(&uri))??;
        }
        Ok(live)
    }

    fn tell(
        &self,
        path: &str,
        addresses: &Addresses,
        scenario: &Scenario,
        seed: u64,
    ) -> Result<(), SimulatorError> {
        let shops = addresses.shops.iter().map(|(key, domain, at)| {
            let app = self.keys.app(*key);
            Shop {
                key: *key,
                domain: domain.clone(),
                endpoint: format!("{}://{at}", addresses.scheme),
                access_token: app.token,
                client_id: app.client_id,
                client_secret: app.client_secret,
            }
        });
        let token = self.keys.token();
        let world = World {
            scenario: &scenario.name,
            seed,
            speed: self.asked.speed,
            starts: scenario.starts.to_string(),
            shops: shops.collect(),
            netsuite: Account {
                account: ACCOUNT,
                endpoint: format!("{}://{}", addresses.scheme, addresses.netsuite),
                consumer_key: token.consumer_key,
                consumer_secret: token.consumer_secret,
                token: token.token,
                token_secret: token.token_secret,
            },
            control: format!("http://{}", addresses.control),
        };
        let threads = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let clock = TokioRuntime::on_wall_clock(threads.handle().clone());
        let https = Arc::new(Https::trusting(
            RootCertStore::empty(),
            Limits { answer: FORGETS_WITHIN, ..Limits::default() },
        ));
        let target = format!("/{}", path.trim_start_matches('/'));
        let request = Outgoing::new(Method::POST, &self.target, &target, serde_json::to_string(&world)?)
            .with("Content-Type", "application/json");
        let answer = threads.block_on(https.exchange(&clock, request)).map_err(|failure| {
            format!("{}{target} cannot be told of the next world: {failure}", self.target)
        })?;
        match answer.is_success() {
            true => Ok(()),
            false => Err(format!("{}{target} answered {}", self.target, answer.status).into()),
        }
    }
}

/// # Errors
/// Nobody listens there.
fn reachable(target: &Endpoint) -> Result<(), Trouble> {
    let text = target.to_string();
    let (scheme, host) = text.split_once("://").unwrap_or(("http", &text));
    let usual = if scheme == "https" { 443 } else { 80 };
    let with_port = if host.contains(':') { host.to_owned() } else { format!("{host}:{usual}") };
    let connected = with_port.to_socket_addrs().and_then(|mut found| {
        let at = found.next().ok_or(std::io::ErrorKind::NotFound)?;
        TcpStream::connect_timeout(&at, CONNECTS_WITHIN)
    });
    connected.map(drop).map_err(|cause| Trouble::Unreachable { target: text, cause })
}

impl Simulator for Against {
    fn load(&self, path: &Path, orders: Option<u64>) -> Result<Scenario, Box<FileError>> {
        Simulation.load(path, orders)
    }

    fn bad_friday(&self) -> Scenario {
        Simulation.bad_friday()
    }

    /// Until nothing moves any more, or the time to settle is over.
    fn run(
        &self,
        scenario: &Scenario,
        request: &RunRequest,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<RunResult, SimulatorError> {
        let live = self.open(scenario, request.seed)?;
        let ended = loop {
            std::thread::park_timeout(LOOK);
            let (state, seen, is_judged, failed) = live.ask(|host| {
                (host.state(), host.progress(), host.is_judged(), host.failed().map(str::to_owned))
            })?;
            progress(seen);
            if let Some(cause) = failed {
                break Err(cause.into());
            }
            let is_over = matches!(state, State::AtRest | State::Overdue);
            if is_over || is_judged || self.interrupt.asked() {
                break Ok(live.ask(|host| host.finish().clone())?);
            }
        };
        live.close();
        ended
    }

    fn run_with_books(
        &self,
        _: &Scenario,
        _: &RunRequest,
        _: &mut dyn FnMut(Progress),
    ) -> Result<(RunResult, Books), SimulatorError> {
        Err(NOT_OURS.into())
    }

    fn run_to_close(
        &self,
        _: &Scenario,
        _: &RunRequest,
        _: &mut dyn FnMut(Progress),
    ) -> Result<(RunResult, Books, Vec<Statement>), SimulatorError> {
        Err(NOT_OURS.into())
    }

    fn run_naive(
        &self,
        _: &Scenario,
        _: u64,
        _: &mut dyn FnMut(Progress),
    ) -> Result<RunResult, SimulatorError> {
        Err(NOT_OURS.into())
    }

    fn import(&self, history: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
        Simulation.import(history, options)
    }

    fn schema(&self) -> &'static str {
        Simulation.schema()
    }
}

/// Only `certify` plays to others.
const NOT_OURS: &str = "another integration can only be certified";
