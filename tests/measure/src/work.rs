//! What is measured: what a start, the list, a window, searches and catching up cost, each as the median of several
//! rounds.

use crate::data::{self, room};
use confab_engine::{Config, Engine, Input, Now, Output};
use confab_store::view::WindowAt;
use confab_store::{AccountKey, Store, StoreError};

/// Whatever keeps something from being measured.
pub type Failure = Box<dyn std::error::Error>;

/// Words, a rare one and one that is nowhere among them, parts of words, and scripts without spaces.
const QUERIES: [&str; 9] =
    ["xylophone", "meeting server coffee", "gros", "京", "e", "東京", "offee bran", "zzqx", "ee er"];

/// Rounds of each that are not counted, but for the very first times.
const WARMING: usize = 9;

/// Where the cache lies, and whom to tell.
pub struct Place<'a> {
    /// Opens it, making it if it is not there. There is one store at a time.
    pub open: Box<dyn Fn() -> Result<Store, StoreError> + 'a>,
    /// A clock that never goes back.
    pub now_ms: Box<dyn Fn() -> f64 + 'a>,
    /// Takes one line. Those of times are a name, at least two spaces, a number, ` ms` and a note.
    pub say: Box<dyn Fn(&str) + 'a>,
}

impl Place<'_> {
    /// Tells one time.
    pub fn time(&self, name: &str, ms: f64, note: &str) {
        (self.say)(format!("{name:<46} {ms:>9.2} ms   {note}").trim_end());
    }

    fn timed(
        &self,
        name: &str,
        rounds: usize,
        mut work: impl FnMut() -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        let mut note = String::new();
        let mut times = Vec::with_capacity(rounds);
        for _ in 0..rounds {
            let start = (self.now_ms)();
            note = work()?;
            times.push((self.now_ms)() - start);
        }
        times.sort_by(f64::total_cmp);
        self.time(name, times[rounds / 2], &note);
        Ok(())
    }
}

/// Builds a cache of so many messages the way the engine does, and its search index.
///
/// # Errors
/// The store's.
pub fn prepare(place: &Place<'_>, messages: u64, rooms: u64) -> Result<(), Failure> {
    let mut store = (place.open)()?;
    let key = data::sign_in(&mut store)?;
    let start = (place.now_ms)();
    data::build(&mut store, key, messages, rooms)?;
    let stored = (place.now_ms)() - start;
    (place.say)(&format!("{messages} messages in {rooms} conversations: stored in {stored:.0} ms"));
    let start = (place.now_ms)();
    while store.index_step(512)? {}
    (place.say)(&format!("indexed in {:.0} ms", (place.now_ms)() - start));
    Ok(())
}

/// Measures over a cache that [`prepare`] has made, of so many messages.
///
/// # Errors
/// The store's.
pub fn run(place: &Place<'_>, messages: u64, rooms: u64) -> Result<(), Failure> {
    let list = || {
        let store = (place.open)()?;
        let key = account(&store)?;
        Ok(format!("{} rows", store.views(key).conversations(false, 0)?.rows.len()))
    };
    place.timed("the very first open and list", 1, list)?;
    place.timed("open and list", 9, list)?;
    let mut store = (place.open)()?;
    let key = account(&store)?;
    let middle = messages / rooms / 2;
    for (name, at) in [("newest", WindowAt::Newest), ("middle", WindowAt::Around { seq: middle })] {
        place.timed(&format!("window of 50, {name}"), 21, || {
            let view = store.views(key).window(room(3), at, 50)?.ok_or("the conversation is not there")?;
            Ok(format!("{} items", view.items.len()))
        })?;
    }
    let search = |query: &str| {
        let view = store.views(key).search(query, None, None, 50)?;
        Ok(format!("{} hits{}", view.hits.len(), if view.next.is_some() { ", more" } else { "" }))
    };
    place.timed("the very first search", 1, || search(QUERIES[1]))?;
    for query in QUERIES {
        // A browser compiles what it runs, and compiles better what it runs often.
        for _ in 0..WARMING {
            search(query)?;
        }
    }
    for query in QUERIES {
        place.timed(&format!("search {query:?}"), 9, || search(query))?;
    }
    place.timed("search \"review\" in one conversation", 9, || {
        Ok(format!("{} hits", store.views(key).search("review", Some(room(5)), None, 50)?.hits.len()))
    })?;
    catch_up(place, &mut store, key, messages / rooms)
}

fn account(store: &Store) -> Result<AccountKey, Failure> {
    Ok(store.accounts()?.first().ok_or("nobody is signed in")?.key)
}

fn catch_up(place: &Place<'_>, store: &mut Store, key: AccountKey, held: u64) -> Result<(), Failure> {
    let mut engine = Engine::new(Config { client: "measure".into(), seed: 1 });
    let mut out: Vec<Output> = Vec::new();
    let mut feed = |store: &mut Store, input: Input<'_>| -> Result<(), Failure> {
        let mut tx = store.begin(key)?;
        engine.handle(Now { mono_ms: 1, wall_ms: data::START }, input, &mut tx, &mut out)?;
        Ok(tx.commit()?)
    };
    feed(store, Input::Start)?;
    feed(store, Input::Token { access_token: "x".into(), expires_in_ms: 600_000 })?;
    feed(store, Input::Opened { socket: 1 })?;
    feed(store, Input::Frame { socket: 1, text: &data::welcome() })?;
    let frames = data::missed(held)?;
    let start = (place.now_ms)();
    for text in &frames {
        feed(store, Input::Frame { socket: 1, text })?;
    }
    let applied = (place.now_ms)() - start;
    place.time("apply 10,000 caught-up messages", applied, "40 frames and commits, parsing included");
    let start = (place.now_ms)();
    let mut steps = 0;
    while store.index_step(256)? {
        steps += 1;
    }
    let indexed = (place.now_ms)() - start;
    place.time("index what was left of them", indexed, &format!("{steps} steps in the background"));
    Ok(())
}
