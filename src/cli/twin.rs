//! `plimsoll twin`: both platforms on this machine, for as long as somebody needs them.

use std::cell::RefCell;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::args::{Fidelity, JudgingArguments};
use super::campaign;
use super::console::Console;
use super::exit::Exit;
use super::interrupt::Interrupt;
use super::machine::{self, Stopwatch};
use super::run_once::told;
use super::trouble::Trouble;
use crate::platforms::https::Endpoint;
use crate::policy::document::from_disk;
use crate::report::Subject;
use crate::scenario::load::LoadOptions;
use crate::scenario::{Scenario, built_in};
use crate::sim::live::document::VerdictDocument;
use crate::sim::live::keys::Keys;
use crate::sim::live::paste::{self, Service};
use crate::sim::live::tls::Identity;
use crate::sim::live::verdict::State;
use crate::sim::live::{Addresses, Live, LiveError, Setup};

#[derive(Debug, Args)]
pub struct TwinArguments {
    /// A scenario whose world is played; without it, quiet shops that start now
    pub scenario: Option<PathBuf>,
    /// Virtual seconds in one of the machine's; without it 60, or 1 for the quiet shops
    #[arg(long, value_name = "X", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub speed: Option<u32>,
    /// The first port that is tried; the control port, NetSuite and each shop have one
    #[arg(long, value_name = "P", default_value_t = 4400)]
    pub port: u16,
    /// The luck of the run; without it the scenario's first pinned seed, or 1
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Draw so many orders instead of the scenario's total
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub orders: Option<u64>,
    /// Keeps the secrets, so that they are the same the next time
    #[arg(long, value_name = "DIR", default_value = ".plimsoll/twin")]
    pub folder: PathBuf,
    /// Where webhooks are posted instead of the hosts of their addresses, as an ingress forwards them
    #[arg(long, value_name = "URL")]
    pub webhooks_to: Option<Endpoint>,
    /// Write the banks' statements as CSV into this folder
    #[arg(long, value_name = "DIR")]
    pub bank_dir: Option<PathBuf>,
    /// Write a configuration with which `plimsoll serve` connects
    #[arg(long, value_name = "FILE")]
    pub write_config: Option<PathBuf>,
    /// Hold signatures and tokens against the virtual time, for an integration that lives by the twins' clock
    #[arg(long)]
    pub virtual_door: bool,
    /// Speak HTTPS on the platforms' ports, by a certificate of the twins' own that lies in their folder
    #[arg(long)]
    pub tls: bool,
    /// Speak HTTPS by this certificate, PEM text, instead
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Its private key, PEM text of PKCS#8
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// End with the verdict when nothing moves any more, or the time to settle is over
    #[arg(long)]
    pub until_rest: bool,
    /// Exit with 0 although something was never exercised
    #[arg(long)]
    pub allow_inconclusive: bool,
}

/// How often it is looked how far the run is, and how often that is told.
const LOOK: Duration = Duration::from_millis(100);
const TELL: Duration = Duration::from_secs(10);

/// Ports at which a service listens that is told nothing else, beyond the twins' own.
const SERVICE_PORTS: u16 = 100;

/// # Errors
/// A scenario that cannot be used, no port, or a world that could not go on.
pub fn twin(
    asked: &TwinArguments,
    interrupt: &Interrupt,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let (scenario, policy) = world(asked)?;
    let speed = speed(asked);
    let seed = asked.seed.unwrap_or_else(|| campaign::seeds(&scenario.seeds, Some(0))[0]);
    let keys = Keys::of_folder(&asked.folder)?;
    let path = asked.scenario.clone().unwrap_or_else(|| PathBuf::from("(quiet shops)"));
    let orders = asked.orders.filter(|_| scenario.drawn.is_some());
    let subject = Subject::new(&scenario, path, orders, Fidelity::Bytes.name(), None);
    // Whoever is told where to listen by our configuration is found there.
    let service = asked.write_config.as_ref().map(|_| service_ports(asked.port)).transpose()?;
    let ingress = match (&asked.webhooks_to, service) {
        (Some(endpoint), _) => Some(endpoint.clone()),
        (None, Some((webhooks, _))) => format!("http://{webhooks}").parse().ok(),
        (None, None) => None,
    };
    let merchant = scenario.profile.merchant;
    let tls = match (&asked.tls_cert, &asked.tls_key) {
        (Some(certificate), Some(key)) => Some(Identity::of_files(certificate, key)?),
        _ if asked.tls => Some(Identity::of_folder(&asked.folder)?),
        _ => None,
    };
    let certificate =
        tls.as_ref().map(|it| fs::canonicalize(&it.certificate).unwrap_or_else(|_| it.certificate.clone()));
    let setup = Setup {
        scenario,
        seed,
        speed,
        keys: keys.clone(),
        port: asked.port,
        ingress,
        statements: asked.bank_dir.clone(),
        virtual_door: asked.virtual_door,
        tls,
    };
    let stopwatch = Stopwatch::start();
    let live = Live::open(setup)?;
    if let (Some(path), Some((webhooks, watch))) = (&asked.write_config, service) {
        let folder = fs::canonicalize(&asked.folder)
            .map_err(|cause| Trouble::Unwritable { path: asked.folder.clone(), cause })?;
        let statements =
            asked.bank_dir.as_deref().map(|folder| fs::canonicalize(folder).unwrap_or(folder.into()));
        let service = Service {
            merchant: merchant.as_str(),
            policy: &policy,
            folder: &folder,
            webhooks,
            watch,
            statements: statements.as_deref(),
            certificate: certificate.as_deref(),
        };
        paste::configuration(&live.addresses, &keys, &service)
            .and_then(|text| fs::write(path, text))
            .map_err(|cause| Trouble::Unwritable { path: path.clone(), cause })?;
    }
    ready(&live.addresses, &keys, asked, certificate.as_deref(), console)?;
    let until_rest = asked.until_rest;
    watch(&live, until_rest, interrupt, console)?;
    let (result, failed) = live.ask(|host| (host.finish().clone(), host.failed().map(str::to_owned)))?;
    let effort = stopwatch.effort();
    let open = live.ask(|host| host.document(true))?;
    live.close();
    if let Some(cause) = failed {
        return Err(Trouble::Simulation { what: "the twins' world".to_owned(), cause: cause.into() });
    }
    remarks(&open, console);
    let judging =
        JudgingArguments { fidelity: Fidelity::Bytes, allow_inconclusive: asked.allow_inconclusive };
    told(&subject, &result, &effort, judging, console)
}

/// Where the service is to listen, for deliveries and for those who watch it: some ports beyond the twins' own, or any
/// that are free.
fn service_ports(first: u16) -> Result<(SocketAddr, SocketAddr), Trouble> {
    let local = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if first != 0 {
        let webhooks = first.saturating_add(SERVICE_PORTS);
        return Ok((local(webhooks), local(webhooks.saturating_add(1))));
    }
    let failed = |cause| Trouble::Twin(LiveError::Port { port: first, cause });
    // Free now, and nobody is given them again soon. Both are held at once, so that they are two.
    let free = || TcpListener::bind(local(0)).map_err(failed);
    let (webhooks, watch) = (free()?, free()?);
    Ok((webhooks.local_addr().map_err(failed)?, watch.local_addr().map_err(failed)?))
}

/// The scenario with the text of its policy.
fn world(asked: &TwinArguments) -> Result<(Scenario, String), Trouble> {
    let Some(path) = &asked.scenario else {
        let (scenario, policy) = built_in::quiet(machine::now());
        return Ok((scenario, policy.to_owned()));
    };
    let policy = RefCell::new(String::new());
    let reader = |path: &Path| {
        let bytes = from_disk(path)?;
        if let Ok(text) = std::str::from_utf8(&bytes)
            && text.lines().any(|line| line.starts_with("plimsoll-policy"))
        {
            *policy.borrow_mut() = text.to_owned();
        }
        Ok(bytes)
    };
    let options = LoadOptions { orders: asked.orders };
    let scenario =
        Scenario::load_with(path, options, &reader).map_err(|error| Trouble::Files(vec![*error]))?;
    Ok((scenario, policy.into_inner()))
}

/// How fast time passes.
fn speed(asked: &TwinArguments) -> u32 {
    asked.speed.unwrap_or(if asked.scenario.is_some() { 60 } else { 1 })
}

/// Says where everybody listens, and with what they let in.
fn ready(
    addresses: &Addresses,
    keys: &Keys,
    asked: &TwinArguments,
    certificate: Option<&Path>,
    console: &mut Console<'_>,
) -> Result<(), Trouble> {
    let (speed, scheme) = (speed(asked), addresses.scheme);
    if addresses.moved {
        console.talk(&format!("port {} or one after it is taken: the next free ones are used\n", asked.port));
    }
    if console.json {
        let shops: Vec<_> = addresses
            .shops
            .iter()
            .map(|(key, domain, at)| {
                serde_json::json!({ "shop": key, "domain": domain, "endpoint": format!("{scheme}://{at}") })
            })
            .collect();
        let line = serde_json::json!({
            "ready": true,
            "control": format!("http://{}", addresses.control),
            "netsuite": format!("{scheme}://{}", addresses.netsuite),
            "shops": shops,
            "netsuite_certificate": keys.mapping().map(|mapping| serde_json::json!({
                "client_id": mapping.client_id,
                "certificate_id": mapping.certificate_id,
                "key": mapping.key,
            })),
            "speed": speed,
            "certificate": certificate,
        });
        return Ok(console.data(&format!("{line}\n"))?);
    }
    let listed = paste::environment(addresses, keys);
    console.data(&listed)?;
    if let Some(certificate) = certificate {
        console.data(&format!("export PLIMSOLL_CERTIFICATE={}\n", certificate.display()))?;
    }
    console.talk(&format!(
        "\nboth twins are up, {speed} times as fast as the clock; GET http://{}/verdict says how it stands\n\
         Ctrl-C ends with the verdict\n",
        addresses.control
    ));
    Ok(())
}

/// Until somebody ends it, or there is nothing more to wait for.
fn watch(
    live: &Live,
    until_rest: bool,
    interrupt: &Interrupt,
    console: &mut Console<'_>,
) -> Result<(), Trouble> {
    let started = Stopwatch::start();
    let mut told = Duration::ZERO;
    loop {
        std::thread::park_timeout(LOOK);
        let (state, is_judged) = live.ask(|host| (host.state(), host.is_judged()))?;
        let is_over = matches!(state, State::AtRest | State::Overdue) && until_rest;
        if interrupt.asked() || is_judged || is_over || state == State::Failed {
            return Ok(());
        }
        if started.elapsed() >= told + TELL {
            told = started.elapsed();
            let now = live.ask(|host| host.document(false))?;
            console.talk(&format!(
                "{}  {}  {} orders in, {} landed, {} in flight\n",
                now.now, now.state, now.orders.placed, now.orders.landed, now.orders.in_flight
            ));
        }
    }
}

/// What the page of a run has no place for.
fn remarks(open: &VerdictDocument, console: &mut Console<'_>) {
    for (what, count) in &open.requests.unsupported {
        console.talk(&format!("not supported by the twins, asked {count} times: {what}\n"));
    }
    if open.requests.twin_failures > 0 {
        console.complain(&format!(
            "{} requests broke the twins: a fault of plimsoll, not of the integration\n",
            open.requests.twin_failures
        ));
    }
    for due in &open.exceptions_expected {
        console.talk(&format!("a person must hear of: {} of {} {}\n", due.code, due.shop, due.record));
    }
}
