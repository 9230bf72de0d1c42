//! `serve --record`: what the service reads of orders becomes scenarios, a file for each shop and day, with nobody in
//! them who could be known again.
//!
//! Lives here: the thread that writes, and the files. What of an order is kept, and what stands in place of people, is
//! in [`masking`]; the format is [`crate::scenario::recording`].
//!
//! A recording that fails is told of in the log and harms nothing else.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use super::trouble::Trouble;
use crate::domain::{BookDate, Order, ShopKey, Timestamp, Zone};
use crate::engine::events::{Event, Observer};
use crate::policy::Policy;
use crate::policy::document::from_disk;
use crate::scenario::Scenario;
use crate::scenario::load::LoadOptions;
use crate::scenario::recording::{self, Entry, Head};
use masking::Mask;

mod masking;

/// What the thread that writes is told.
enum Told {
    Read(Box<Order>),
    /// Whatever comes after is not recorded.
    End,
}

/// The thread that writes, until it is ended.
pub struct Recorder {
    orders: Sender<Told>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Begins to record into the folder; `shops` are the files of the profile that the scenarios build on,
    /// and `today` is a day on which they are played for trial.
    ///
    /// # Errors
    /// A folder that takes no files, or a profile in which a shop of the policy cannot be played.
    pub fn start(
        folder: &Path,
        shops: &[PathBuf],
        policy: &Policy,
        today: Timestamp,
    ) -> Result<Recorder, Trouble> {
        let unwritable = |cause| Trouble::Unwritable { path: folder.to_owned(), cause };
        fs::create_dir_all(folder).map_err(unwritable)?;
        let folder = fs::canonicalize(folder).map_err(unwritable)?;
        let profile = shops
            .iter()
            .map(|path| {
                let unreadable = |cause| Trouble::Unreadable { path: path.clone(), cause };
                Ok(relative(&folder, &fs::canonicalize(path).map_err(unreadable)?))
            })
            .collect::<Result<Vec<_>, Trouble>>()?;
        for shop in &policy.shops {
            probe(&folder, &profile, shop.key, &shop.zone, today)?;
        }
        let mask = Mask::of_folder(&folder).map_err(unwritable)?;
        let zones = policy.shops.iter().map(|shop| (shop.key, shop.zone.clone())).collect();
        let days = Days { folder, profile, zones, mask, said: BTreeMap::new() };
        let (orders, read) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("record".to_owned())
            .spawn(move || days.write_all(&read))
            .map_err(|cause| Trouble::Service {
                cause: format!("the system gives no thread: {cause}"),
                remedy: "see the limits of this user".to_owned(),
            })?;
        Ok(Recorder { orders, thread: Some(thread) })
    }

    /// Whom the service tells of the orders that it reads.
    pub fn witness(&self) -> Arc<dyn Observer> {
        Arc::new(Witness { orders: self.orders.clone() })
    }
}

/// What was told is written before this returns.
impl Drop for Recorder {
    fn drop(&mut self) {
        self.orders.send(Told::End).ok();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has told so itself.
            thread.join().ok();
        }
    }
}

struct Witness {
    orders: Sender<Told>,
}

impl Observer for Witness {
    fn observe(&self, _: Event) {}

    fn order_read(&self, order: &Order) {
        // A recorder that ended has told why.
        self.orders.send(Told::Read(Box::new(order.clone()))).ok();
    }
}

/// The files, as far as this process has written them.
struct Days {
    folder: PathBuf,
    /// Relative to the folder.
    profile: Vec<PathBuf>,
    zones: BTreeMap<ShopKey, Zone>,
    mask: Mask,
    /// What was last written of each number, by shop and day.
    said: BTreeMap<(ShopKey, BookDate), BTreeMap<String, String>>,
}

/// Days of which it is remembered what was written. An order that is read again later is only written again.
const DAYS_REMEMBERED: usize = 32;

impl Days {
    fn write_all(mut self, told: &Receiver<Told>) {
        let mut failed = false;
        while let Ok(Told::Read(order)) = told.recv() {
            match self.note(&order) {
                Ok(()) => failed = false,
                // Once, not for every order that follows.
                Err(error) if !failed => {
                    failed = true;
                    tracing::error!(%error, folder = %self.folder.display(), "an order was not recorded");
                }
                Err(_) => {}
            }
        }
    }

    fn note(&mut self, order: &Order) -> io::Result<()> {
        let Some(zone) = self.zones.get(&order.shop).cloned() else { return Ok(()) };
        let day_of = |at: Timestamp| zone.book_date(at);
        for (at, entry) in self.mask.entries(order, &day_of) {
            self.write(order.shop, &zone, day_of(at), &entry)?;
        }
        Ok(())
    }

    fn write(&mut self, shop: ShopKey, zone: &Zone, day: BookDate, entry: &Entry) -> io::Result<()> {
        let name = format!("{shop}-{day}");
        let data = self.folder.join(format!("{name}.orders.jsonl"));
        if !self.said.contains_key(&(shop, day)) {
            if self.said.len() >= DAYS_REMEMBERED {
                self.said.pop_first();
            }
            if data.exists() {
                drop_torn_line(&data)?;
            } else {
                fs::write(&data, recording::line(&head()))?;
            }
        }
        // A day without an order is nothing to play.
        let played = self.folder.join(format!("{name}.toml"));
        if matches!(entry, Entry::Order(_)) && !played.exists() {
            fs::write(played, scenario(&self.profile, shop, zone, day))?;
        }
        let said = self.said.entry((shop, day)).or_default();
        let (number, line) = (entry.number().unwrap_or_default(), recording::line(entry));
        if said.get(&number) == Some(&line) {
            return Ok(());
        }
        OpenOptions::new().append(true).open(&data)?.write_all(line.as_bytes())?;
        said.insert(number, line);
        Ok(())
    }
}

/// What a process that was killed left of its last line.
fn drop_torn_line(path: &Path) -> io::Result<()> {
    let text = fs::read(path)?;
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if whole < text.len() {
        File::options().write(true).open(path)?.set_len(whole as u64)?;
    }
    Ok(())
}

fn head() -> Head {
    Head {
        plimsoll_recording: 1,
        source: "a service of this merchant".to_owned(),
        licence: "the merchant's own".to_owned(),
        changes: "buyers, orders and credits as numbers of a keyed hash; labels of discounts and titles of custom items \
                  left out; all payments at once"
            .to_owned(),
        zone: "UTC".to_owned(),
    }
}

fn scenario(profile: &[PathBuf], shop: ShopKey, zone: &Zone, day: BookDate) -> String {
    let quoted = |path: &PathBuf| toml::Value::from(path.display().to_string()).to_string();
    let used = profile.iter().map(quoted).collect::<Vec<_>>().join(", ");
    let zone_name = zone.name();
    format!(
        "# A day of `{shop}` as a service read it: what was bought when, and by nobody who could be known again.\n\
         plimsoll = 1\n\
         use = [{used}]\n\
         faults = \"busy\"\n\
         \n\
         [scenario]\n\
         title = \"Recorded: {shop}, {day}\"\n\
         tags = [\"replay\"]\n\
         \n\
         [run]\n\
         starts = \"{day}T00:00:00[{zone_name}]\"\n\
         lasts = \"{minutes}m\"\n\
         settle = \"6h\"\n\
         \n\
         [traffic.recorded]\n\
         file = \"{shop}-{day}.orders.jsonl\"\n\
         shop = \"{shop}\"\n",
        minutes = midnight(zone, day.tomorrow()).since(midnight(zone, day)).seconds() / 60,
    )
}

fn midnight(zone: &Zone, day: BookDate) -> Timestamp {
    let (year, month, date) = day.year_month_day();
    zone.instant(jiff::civil::date(year, month, date).at(0, 0, 0, 0)).expect("orders are of our time")
}

/// Whether a day of this shop could be played, before one is recorded.
fn probe(
    folder: &Path,
    profile: &[PathBuf],
    shop: ShopKey,
    zone: &Zone,
    today: Timestamp,
) -> Result<(), Trouble> {
    let day = zone.book_date(today);
    let name = format!("{shop}-{day}");
    let order = serde_json::json!({ "order": {
        "invoice": "trial", "at": masking::utc(midnight(zone, day)), "buyer": "guest", "payments": [],
        "lines": [{ "sku": "TRIAL", "title": "Trial", "quantity": 1, "price": "1" }],
    } });
    let trial = recording::line(&head()) + &recording::line(&order);
    let reader = |path: &Path| match path.file_name().and_then(|name| name.to_str()) {
        Some(asked) if asked == format!("{name}.toml") => Ok(scenario(profile, shop, zone, day).into_bytes()),
        Some(asked) if asked == format!("{name}.orders.jsonl") => Ok(trial.clone().into_bytes()),
        _ => from_disk(path),
    };
    let scenario = folder.join(format!("{name}.toml"));
    let loaded = Scenario::load_with(&scenario, LoadOptions::default(), &reader);
    loaded.map(drop).map_err(|error| Trouble::Files(vec![*error]))
}

/// The way from a folder to a file; both are absolute and without links.
fn relative(folder: &Path, file: &Path) -> PathBuf {
    let (from, to): (Vec<Component<'_>>, Vec<_>) =
        (folder.components().collect(), file.components().collect());
    let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n(Component::ParentDir, from.len() - shared);
    up.chain(to[shared..].iter().copied()).collect()
}

#[cfg(test)]
mod tests;
