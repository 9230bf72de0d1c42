//! The process is killed while deliveries pour in: attack W13, and that nothing acknowledged is lost.
//!
//! The process is this test binary itself, run again for one of its tests.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use plimsoll::ports::Store;
use plimsoll::store::FileStore;

use super::{Folder, House, Post, block_on, config, later, merchant};

/// Names the folder to the process that is to be killed.
const FOLDER: &str = "PLIMSOLL_TEST_INTAKE";

/// Serves until it is killed. Does nothing unless it was started by the test below.
#[test]
fn the_process_that_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let house = House::open(config(), FileStore::open(&folder.join("plimsoll.db")).unwrap()).await;
        // In one step, so that nobody reads half of it.
        std::fs::write(folder.join("port.new"), house.at.port().to_string()).unwrap();
        std::fs::rename(folder.join("port.new"), folder.join("port")).unwrap();
        std::future::pending::<()>().await;
    });
}

fn start(folder: &Path) -> (Child, u16) {
    start_by(Command::new(std::env::current_exe().unwrap()), folder)
}

fn start_by(mut command: Command, folder: &Path) -> (Child, u16) {
    std::fs::remove_file(folder.join("port")).ok();
    let mut child = command
        .args(["--exact", "intake::crash::the_process_that_is_killed", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    loop {
        if let Ok(port) = std::fs::read_to_string(folder.join("port")) {
            return (child, port.parse().unwrap());
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended before it listened");
        std::thread::yield_now();
    }
}

/// Eight senders post orders until the process is gone; each time it is killed after another number of
/// acknowledgements, which falls anywhere between receive, commit and answer of the deliveries under way.
///
/// Four times; for more: `KILLS=1000 cargo test --release --test it w13_`.
#[test]
#[expect(clippy::disallowed_methods, reason = "how long a run is, from the command line")]
fn w13_nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let kills = std::env::var("KILLS").map_or(4, |text| text.parse().unwrap());
    let folder = Folder::new("killed");
    let path = folder.store().parent().unwrap().to_owned();
    let acknowledged: Arc<Mutex<Vec<u64>>> = Arc::default();
    let sent: Arc<Mutex<Vec<(u64, Post)>>> = Arc::default();
    for (round, enough) in (1..=kills).zip([1, 37, 150, 3, 12, 70, 2, 300].into_iter().cycle()) {
        let (mut child, port) = start(&path);
        let before = acknowledged.lock().unwrap().len();
        let senders: Vec<_> = (0..8)
            .map(|sender| {
                let (acknowledged, sent) = (Arc::clone(&acknowledged), Arc::clone(&sent));
                std::thread::spawn(move || {
                    for n in 0.. {
                        let id = round * 1_000_000 + sender * 100_000 + n;
                        let post = Post::order(id);
                        sent.lock().unwrap().push((id, post.clone()));
                        match send(port, &post) {
                            200 => acknowledged.lock().unwrap().push(id),
                            0 => return,
                            status => panic!("answered {status}"),
                        }
                    }
                })
            })
            .collect();
        while acknowledged.lock().unwrap().len() < before + enough {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        senders.into_iter().for_each(|sender| sender.join().unwrap());
    }
    let (acknowledged, sent) = (acknowledged.lock().unwrap().clone(), sent.lock().unwrap().clone());
    block_on(async {
        let house = House::open(config(), FileStore::open(&folder.store()).unwrap()).await;
        let kept = due(&house.store).await;
        let lost: Vec<_> = acknowledged.iter().filter(|id| kept.binary_search(id).is_err()).collect();
        assert!(lost.is_empty(), "{lost:?} of {} were acknowledged", acknowledged.len());
        // Shopify repeats whatever it got no answer for, kept or not: one effect.
        for (_, post) in &sent {
            assert_eq!(post.send(house.at).await, 200);
        }
        let mut all: Vec<_> = sent.iter().map(|(id, _)| *id).collect();
        all.sort_unstable();
        assert_eq!(due(&house.store).await, all);
        assert_eq!(house.aside().await.len(), 0);
    });
}

/// The most that a file of the process may hold, as the smallest disk would: what is written beyond it fails as on a
/// full one.
#[cfg(target_os = "linux")]
#[test]
fn w10_a_full_disk_is_answered_503_and_nothing_acknowledged_is_lost() {
    let folder = Folder::new("full");
    let path = folder.store().parent().unwrap().to_owned();
    let mut shell = Command::new("bash");
    let own = std::env::current_exe().unwrap();
    // The signal of the limit is ignored, so that the write itself fails.
    shell.args(["-c", "trap '' XFSZ; ulimit -f 1500; exec \"$0\" \"$@\""]).arg(own);
    let (mut child, port) = start_by(shell, &path);
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    for id in 1..20_000 {
        match send(port, &Post::order(id)) {
            200 => acknowledged.push(id),
            503 => refused += 1,
            status => panic!("answered {status}"),
        }
        if refused == 20 {
            break;
        }
    }
    assert!(refused == 20 && acknowledged.len() > 50, "{} kept, {refused} refused", acknowledged.len());
    child.kill().unwrap();
    child.wait().unwrap();
    block_on(async {
        let house = House::open(config(), FileStore::open(&folder.store()).unwrap()).await;
        let kept = due(&house.store).await;
        let lost: Vec<_> = acknowledged.iter().filter(|id| kept.binary_search(id).is_err()).collect();
        assert!(lost.is_empty(), "{lost:?}");
    });
}

/// Bodies that parsers make many times their size of are read where they lie. The table allows eight times.
#[cfg(target_os = "linux")]
#[test]
fn j2_bodies_that_would_grow_in_memory_do_not() {
    let folder = Folder::new("grow");
    let path = folder.store().parent().unwrap().to_owned();
    let note = |value: String| {
        let body =
            super::order(1, super::FRIDAY).replace(r#""currency":"EUR""#, &format!(r#""note":{value}"#));
        Post::new("orders/updated", body)
    };
    let (mut child, port) = start(&path);
    assert_eq!(send(port, &note("\"plain\"".to_owned())), 200);
    let before = peak_kib(child.id());
    for (name, value) in [
        ("objects of one key", format!("[{}0]", r#"{"a":0},"#.repeat(250_000))),
        ("empty lists", format!("[{}0]", "[],".repeat(660_000))),
        ("zeros", format!("[{}0]", "0,".repeat(1_000_000))),
    ] {
        let post = note(value);
        assert!(post.body.len() > 1_900_000);
        assert_eq!(send(port, &post), 200, "{name}");
        let grown = (peak_kib(child.id()) - before) * 1024;
        assert!(grown <= 8 * post.body.len() as u64, "{name}: {grown} bytes for {}", post.body.len());
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The most memory that a process has held so far.
#[cfg(target_os = "linux")]
fn peak_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// One exchange on a connection of its own, by plain blocking calls; 0 when the process is gone.
fn send(port: u16, post: &Post) -> u16 {
    use std::io::{Read, Write};
    let exchange = || -> std::io::Result<u16> {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port))?;
        stream.write_all(&post.bytes())?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(std::str::from_utf8(&head[9..]).unwrap().parse().unwrap())
    };
    exchange().unwrap_or(0)
}

/// Orders that wait, in order, without claiming them.
async fn due(store: &FileStore) -> Vec<u64> {
    let lanes =
        plimsoll::domain::Lane::ALL.map(|lane| plimsoll::ports::store::LaneRoom { lane, room: 1_000_000 });
    let now = later();
    let claims = store.claim(merchant(), &lanes, now, now).await.unwrap();
    let mut orders: Vec<_> = claims.iter().map(|claim| claim.entity.record).collect();
    for claim in claims {
        store.release(claim.entity, claim.lease, now).await.unwrap();
    }
    orders.sort_unstable();
    orders
}
