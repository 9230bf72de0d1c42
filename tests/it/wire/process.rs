//! Both processes, what is said between them and this one, and the folder that they share.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use plimsoll::domain::{CauseCode, Flow, Money, Timestamp};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

/// The files of the service's store.
const STORE: [&str; 3] = ["store.db", "store.db-wal", "store.db-shm"];

const PLIMSOLL: &str = env!("CARGO_BIN_EXE_plimsoll");

/// The program under test.
pub fn plimsoll() -> Command {
    Command::new(PLIMSOLL)
}

/// A folder that goes with the test, unless it failed.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Scratch {
        let folder = std::env::temp_dir().join(format!("plimsoll-wire-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Scratch(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The end of what the service has logged.
    pub fn log(&self) -> String {
        let text = fs::read_to_string(self.path("serve.log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// NetSuite is entered by the certificate that the twins gave out, instead of the token.
    pub fn use_certificate(&self, twin: &Twin) {
        let text = self.configuration();
        let (before, rest) = text.split_once("[netsuite.token]").unwrap();
        let (_, after) = rest.split_once("[bank]").unwrap();
        let part = |name: &str| twin.ready["netsuite_certificate"][name].as_str().unwrap().to_owned();
        let certificate = format!(
            "[netsuite.certificate]\nclient-id = \"{}\"\ncertificate-id = \"{}\"\nkey = \"file:{}\"\n\n[bank]",
            part("client_id"),
            part("certificate_id"),
            part("key")
        );
        fs::write(self.path("plimsoll.toml"), format!("{before}{certificate}{after}")).unwrap();
    }

    /// The configuration that the twins wrote.
    pub fn configuration(&self) -> String {
        fs::read_to_string(self.path("plimsoll.toml")).unwrap()
    }

    /// What the service says at this address of its watching port.
    pub fn watched(&self, path: &str) -> String {
        let configuration = self.configuration();
        let address = configuration.lines().find_map(|line| line.strip_prefix("watch = ")).unwrap();
        exchanged(address.trim_matches('"'), "GET", path, "")
    }

    /// Every file of this folder, except those that hold the secrets themselves.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let (mut folders, mut files) = (vec![self.0.clone()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true if path.ends_with("secrets") => {}
                    true => folders.push(path),
                    false => files.push((path.clone(), fs::read(path).unwrap())),
                }
            }
        }
        files
    }

    /// No secret of the service, nor the base64 or hex of one, is in a file or in what was said.
    pub fn assert_no_secret(&self, said: Vec<(&str, String)>) {
        let secrets: Vec<String> = fs::read_dir(self.path("twin/secrets"))
            .unwrap()
            .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect();
        assert!(secrets.len() > 4, "the secrets were found");
        let mut outputs = self.files();
        assert!(outputs.iter().any(|(path, _)| path.ends_with("serve.log")), "the log was found");
        outputs.extend(said.into_iter().map(|(what, text)| (what.into(), text.into_bytes())));
        for secret in secrets {
            let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
            for canary in [plimsoll::platforms::base64::standard(secret.as_bytes()), hex, secret] {
                let found = outputs
                    .iter()
                    .find(|(_, text)| text.windows(canary.len()).any(|part| part == canary.as_bytes()));
                assert!(found.is_none(), "a secret is in {:?}", found.map(|(path, _)| path));
            }
        }
    }

    /// Copies the store as it lies on the disk, which nobody has open.
    pub fn back_up(&self) {
        for name in STORE {
            let (from, to) = (self.path("twin").join(name), self.path(name));
            if from.exists() {
                fs::copy(from, to).unwrap();
            }
        }
    }

    /// Puts the copy back.
    pub fn restore(&self) {
        for name in STORE {
            let (from, to) = (self.path(name), self.path("twin").join(name));
            let _ = fs::remove_file(&to);
            if from.exists() {
                fs::copy(from, to).unwrap();
            }
        }
    }

    /// A shell's words that leave no file room beyond what the store has now.
    pub fn full_disk(&self) -> String {
        let size = |name: &str| fs::metadata(self.path("twin").join(name)).map_or(0, |it| it.len());
        let blocks = size("store.db").max(size("store.db-wal")) / 512;
        // Without the trap, the first write too many would end the process.
        format!("trap '' XFSZ; ulimit -f {blocks};")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// Both platforms.
pub struct Twin {
    process: Child,
    out: BufReader<ChildStdout>,
    control: String,
    folder: PathBuf,
    /// What it said when it was up.
    pub ready: Value,
}

impl Twin {
    pub fn start(scratch: &Scratch, scenario: &str, arguments: &[&str]) -> Twin {
        let folder = scratch.path("twin");
        let mut process = Command::new(PLIMSOLL)
            .args(["twin", scenario, "--port", "0", "--json", "--virtual-door", "--folder"])
            .arg(&folder)
            .arg("--write-config")
            .arg(scratch.path("plimsoll.toml"))
            .arg("--bank-dir")
            .arg(scratch.path("bank"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(File::create(scratch.path("twin.log")).unwrap())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| {
            panic!("the twins are up: {line:?} {:?}", fs::read_to_string(scratch.path("twin.log")))
        });
        let control = ready["control"].as_str().unwrap().to_owned();
        Twin { process, out, control, folder: scratch.0.clone(), ready }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        serde_json::from_str(&exchanged(self.control.strip_prefix("http://").unwrap(), method, path, body))
            .unwrap()
    }

    /// Hands on the exceptions of the service until nothing moves any more.
    pub fn until_rest(&self, at_most: Duration) {
        let until = now() + at_most;
        loop {
            self.report_for(Duration::from_millis(500));
            let state = self.ask("GET", "/verdict?audit=no", "")["state"].as_str().unwrap().to_owned();
            if matches!(state.as_str(), "at-rest" | "overdue" | "failed") || now() > until {
                return self.report_for(Duration::from_millis(1));
            }
        }
    }

    /// The last word: nobody is answered any more.
    pub fn finish(&self) -> Verdict {
        Verdict { text: self.ask("POST", "/finish", "") }
    }

    /// What `plimsoll reconcile` finds: its exit code and its document.
    pub fn reconciled(&self, since: &str) -> (Option<i32>, Value) {
        let mut process = plimsoll();
        process.args(["reconcile", "--json", "--since", since, "--clock-of", &self.control, "--config"]);
        process.arg(self.folder.join("plimsoll.toml")).arg("--out").arg(self.folder.join("reconciled"));
        let told = process.output().unwrap();
        fs::write(self.folder.join("reconcile.log"), &told.stderr).unwrap();
        let document = serde_json::from_slice(&told.stdout)
            .unwrap_or_else(|_| panic!("a document: {}", String::from_utf8_lossy(&told.stderr)));
        (told.status.code(), document)
    }

    /// From here on time passes so much faster than the machine's.
    pub fn set_speed(&self, speed: u32) {
        self.ask("POST", "/speed", &json!({ "speed": speed }).to_string());
    }

    /// Hands on the exceptions of the service as they are raised.
    pub fn report_for(&self, length: Duration) {
        let until = now() + length;
        loop {
            if let Some(open) = open_exceptions(&self.folder.join("twin/store.db")) {
                self.ask("POST", "/exceptions", &Value::from(open).to_string());
            }
            if now() >= until {
                return;
            }
            thread::park_timeout(Duration::from_millis(50));
        }
    }

    /// After the last word the process ends by itself, with the code that says what was found.
    pub fn ended_with(mut self, codes: &[i32]) {
        let mut said = String::new();
        self.out.read_to_string(&mut said).unwrap();
        let code = self.process.wait().unwrap().code();
        assert!(code.is_some_and(|code| codes.contains(&code)), "ended with {code:?}: {said}");
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `plimsoll serve`.
pub struct Service {
    process: Child,
}

impl Service {
    /// `before` is what a shell does first.
    pub fn start(twin: &Twin, before: &str) -> Service {
        Service::start_with(twin, before, &[])
    }

    pub fn start_with(twin: &Twin, before: &str, more: &[&str]) -> Service {
        let log = File::options().create(true).append(true).open(twin.folder.join("serve.log")).unwrap();
        let process = Command::new("sh")
            .arg("-c")
            .arg(format!("{before} exec \"$0\" \"$@\""))
            .args([PLIMSOLL, "serve", "--log", "json", "--clock-of", &twin.control, "--config"])
            .arg(twin.folder.join("plimsoll.toml"))
            .args(more)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Service { process }
    }

    pub fn is_alive(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Asks it to stop in good order.
    pub fn stop(mut self) -> Option<i32> {
        let asked = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap();
        assert!(asked.success());
        let (done, ended) = mpsc::channel();
        let id = self.process.id();
        thread::spawn(move || {
            if ended.recv_timeout(Duration::from_secs(60)) == Err(mpsc::RecvTimeoutError::Timeout) {
                let _ = Command::new("kill").args(["-KILL", &id.to_string()]).status();
            }
        });
        let code = self.process.wait().unwrap().code();
        let _ = done.send(());
        code
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What the twins say of the service.
pub struct Verdict {
    pub text: Value,
}

impl Verdict {
    pub fn state(&self) -> &str {
        self.text["state"].as_str().unwrap()
    }

    pub fn number(&self, pointer: &str) -> u64 {
        self.text
            .pointer(pointer)
            .and_then(Value::as_u64)
            .unwrap_or_else(|| panic!("{pointer}: {}", self.text))
    }

    fn invariants(&self) -> &[Value] {
        self.text["invariants"].as_array().unwrap()
    }

    pub fn broken(&self) -> Vec<&Value> {
        self.invariants().iter().filter(|found| found["broken"] != 0).collect()
    }

    pub fn checked(&self, name: &str) -> u64 {
        let found = self.invariants().iter().find(|found| found["name"] == name);
        found.and_then(|found| found["checked"].as_u64()).unwrap_or_else(|| panic!("{name} is an invariant"))
    }
}

/// The body of an answer, which is a success.
fn exchanged(address: &str, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{method} {path}: {answer}");
    body.to_owned()
}

/// What the service says that people must act on, in the form in which the twins take it; `None` while there is no
/// store, or it is being changed.
fn open_exceptions(store: &Path) -> Option<Vec<Value>> {
    let connection = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    let mut statement = connection
        .prepare(
            "SELECT shop.key, flow, record, code, raised_at, owner, deadline, at_risk_minor, at_risk_currency, detail
             FROM exception JOIN shop ON shop.merchant = exception.merchant AND shop.number = exception.shop
             WHERE state <> 3",
        )
        .ok()?;
    let rows = statement.query_map([], |row| {
        let at_risk: Option<String> = match (row.get::<_, Option<i64>>(7)?, row.get::<_, Option<String>>(8)?)
        {
            (Some(minor), Some(currency)) => Some(plain(minor, &currency)),
            _ => None,
        };
        Ok(json!({
            "shop": row.get::<_, String>(0)?,
            "flow": Flow::from_number(row.get(1)?).unwrap().name(),
            "record": row.get::<_, i64>(2)?.cast_unsigned(),
            "code": CauseCode::from_number(row.get(3)?).unwrap().name(),
            "raised-at": Timestamp::from_nanos(row.get(4)?).to_string(),
            "owner": row.get::<_, String>(5)?,
            "deadline": Timestamp::from_nanos(row.get(6)?).to_string(),
            "at-risk": at_risk,
            "detail": row.get::<_, String>(9)?,
        }))
    });
    rows.ok()?.collect::<Result<_, _>>().ok()
}

fn plain(minor: i64, currency: &str) -> String {
    let money = Money::new(minor, currency.parse().unwrap());
    let mut text = String::new();
    money.write_plain(&mut text).unwrap();
    format!("{text} {currency}")
}

#[expect(clippy::disallowed_methods, reason = "other processes live by the machine's clock")]
fn now() -> Instant {
    Instant::now()
}
