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
    std::fs::remove_file(folder.join("port")).ok();
    let mut child = Command::new(std::env::current_exe().unwrap())
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
#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let folder = Folder::new("killed");
    let path = folder.store().parent().unwrap().to_owned();
    let acknowledged: Arc<Mutex<Vec<u64>>> = Arc::default();
    let sent: Arc<Mutex<Vec<(u64, Post)>>> = Arc::default();
    for (round, enough) in [(1, 1), (2, 37), (3, 150), (4, 3)] {
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
