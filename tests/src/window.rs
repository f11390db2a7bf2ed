//! The desktop app in a real window on a screen of its own, driven as a browser would be (WebDriver) and by a real pointer. It
//! sees what a person sees, and must not know what the app is made of.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Host, Sound, StoryError, program, run};

const PATIENCE: Duration = Duration::from_secs(60);

/// A screen, and a home whose app remembers what it did.
pub struct Desk {
    /// Whatever is on the screen ends with it.
    _screen: Ending,
    display: String,
    home: TempDir,
    /// The session's bus, by which programs of one person find each other.
    bus: Option<(Ending, String)>,
    /// What the home's sample was copied from, for the next story to copy as well.
    _sample: Option<Arc<TempDir>>,
    /// Given back when all of the above has ended.
    _place: Place,
}

/// The one place where a desk can stand: a window with its sound wants both processors, and two at once starve each other's
/// loudspeakers.
struct Place;

static TAKEN: Mutex<bool> = Mutex::new(false);
static LEFT: Condvar = Condvar::new();

impl Place {
    /// Waits for it.
    fn take() -> Self {
        let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        *LEFT.wait_while(taken, |taken| *taken).unwrap_or_else(PoisonError::into_inner) = true;
        Self
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = false;
        LEFT.notify_one();
    }
}

/// Files that are held above the app's window, or that were copied, for as long as the program lives that they are in.
pub struct Held<'a> {
    desk: &'a Desk,
    _source: Ending,
}

/// A running app.
pub struct Window {
    driver: Ending,
    /// What the page shows and takes.
    pub page: Client,
    log: PathBuf,
    bus: Option<String>,
}

/// A process of ours that ends with whoever holds it, also when that is a test which fails.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn failed(what: &str) -> impl Fn(std::io::Error) -> StoryError + '_ {
    move |source| StoryError::Process { what: what.to_owned(), source }
}

impl Desk {
    /// A screen of 1280 by 860, and an empty home.
    pub fn new() -> Result<Self, StoryError> {
        let place = Place::take();
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "1280x860x24", "-nolisten", "tcp"]);
        let screen = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut screen = Ending(screen.map_err(failed("starting a screen"))?);
        let number = first_line(&mut screen, "asking for the screen's number")?;
        let home = TempDir::new().map_err(failed("making a home"))?;
        Ok(Self { _screen: screen, display: format!(":{number}"), home, bus: None, _sample: None, _place: place })
    }

    /// A home whose app was used before: its own host has made the sample lecture.
    pub fn with_sample() -> Result<Self, StoryError> {
        // Made once for the stories that are told at the same time; each has a copy.
        static MADE: Mutex<Weak<TempDir>> = Mutex::new(Weak::new());
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        let sample = match made.upgrade() {
            Some(sample) => sample,
            None => {
                let sample = Arc::new(TempDir::new().map_err(failed("making a folder for the sample"))?);
                let host = Host::start_on(sample.path(), |_| {})?;
                host.wait_for_sample();
                assert!(host.stop(PATIENCE), "the host that made the sample did not stop well");
                *made = Arc::downgrade(&sample);
                sample
            }
        };
        drop(made);
        let mut desk = Self::new()?;
        copy(sample.path(), &desk.home().join("host")).map_err(failed("copying the sample"))?;
        desk._sample = Some(sample);
        Ok(desk)
    }

    /// The same with a session's bus, as a person's desktop has it.
    pub fn with_bus(mut self) -> Result<Self, StoryError> {
        let mut command = Command::new("dbus-daemon");
        command.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        self.give_to(&mut command);
        let bus = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut bus = Ending(bus.map_err(failed("starting the session's bus"))?);
        let address = first_line(&mut bus, "asking for the bus's address")?;
        self.bus = Some((bus, address));
        Ok(self)
    }

    /// The folder with everything the app keeps.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where a program finds this screen and this home.
    pub fn give_to(&self, command: &mut Command) {
        let at = |name: &str| self.home.path().join(name);
        command
            .env("DISPLAY", &self.display)
            .env("HOME", self.home.path())
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("DBUS_SESSION_BUS_ADDRESS");
        for (variable, folder) in
            [("XDG_CONFIG_HOME", "config"), ("XDG_DATA_HOME", "data"), ("XDG_CACHE_HOME", "cache"), ("XDG_STATE_HOME", "state")]
        {
            command.env(variable, at(folder));
        }
        command.env("SYNAPSCRIBE_DATA", at("host"));
        if let Some((_, address)) = &self.bus {
            command.env("DBUS_SESSION_BUS_ADDRESS", address);
        }
    }

    /// Opens the app.
    pub async fn open(&self, sound: &Sound) -> Result<Window, StoryError> {
        self.open_with(sound, &[]).await
    }

    /// Opens the app with arguments.
    pub async fn open_with(&self, sound: &Sound, arguments: &[&str]) -> Result<Window, StoryError> {
        self.open_program(sound, &program("synapscribe-desktop")?, arguments).await
    }

    /// Starts the app with arguments while its window is open, and waits until this second start has ended.
    pub fn start_again(&self, sound: &Sound, arguments: &[&str]) -> Result<(), StoryError> {
        // A second app that stays would be a second window.
        let mut command = Command::new("timeout");
        command.arg("60").arg(program("synapscribe-desktop")?).args(arguments).current_dir(self.home());
        sound.give_to(&mut command);
        self.on_screen(&mut command)
    }

    /// Opens a program that shows the page: an app that lies elsewhere, or a browser.
    pub async fn open_program(&self, sound: &Sound, app: &Path, arguments: &[&str]) -> Result<Window, StoryError> {
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(failed("finding a port"))?.port();
        let mut command = Command::new("WebKitWebDriver");
        command.arg(format!("--port={port}")).arg("--host=127.0.0.1").env("TAURI_WEBVIEW_AUTOMATION", "true");
        self.give_to(&mut command);
        sound.give_to(&mut command);
        if let Some(model) = std::env::var_os("SYNAPSCRIBE_MINILM_DIR") {
            command.env("SYNAPSCRIBE_MINILM", model);
        }
        let path = self.home.path().join("app.log");
        let log = std::fs::File::create(&path).map_err(failed("making a log"))?;
        let driver = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        let driver = Ending(driver.map_err(failed("starting the driver"))?);
        let url = format!("http://127.0.0.1:{port}");
        let begun = Instant::now();
        // A port that is open is not enough: a session asked for too early is refused.
        while !ready(&url).await {
            assert!(begun.elapsed() < PATIENCE, "the driver did not become ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // Only the first call can fail; the driver is on this machine, and its client wants a provider all the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let wanted = json!({ "webkitgtk:browserOptions": { "binary": app, "args": arguments } });
        let Value::Object(wanted) = wanted else { unreachable!("it was written as an object") };
        let mut builder = ClientBuilder::rustls().expect("a client of this machine needs no certificates");
        let page = builder.capabilities(wanted).connect(&url);
        let said = || std::fs::read_to_string(&path).unwrap_or_default();
        // The driver itself waits for ever for an app that ended without a window.
        let page = tokio::time::timeout(PATIENCE, page).await.unwrap_or_else(|_| panic!("no window opened\n{}", said()));
        let page = page.unwrap_or_else(|error| panic!("the app did not open: {error}\n{}", said()));
        Ok(Window { driver, page, log: path, bus: self.bus.as_ref().map(|(_, address)| address.clone()) })
    }

    /// Runs a program on this screen to its end.
    pub fn on_screen(&self, command: &mut Command) -> Result<(), StoryError> {
        self.give_to(command);
        run(command)?.well();
        Ok(())
    }

    /// Drags files from another program's window into the middle of the app's, as a hand would.
    pub async fn drop_files(&self, window: &Window, files: &[&Path]) -> Result<(), StoryError> {
        self.drag_files(window, files).await?.let_go()
    }

    /// Takes files from another program's window and holds them above the middle of the app's, which shows that it would take them.
    pub async fn drag_files(&self, window: &Window, files: &[&Path]) -> Result<Held<'_>, StoryError> {
        let held = self.copy_files(files)?;
        // The window is drawn a moment after it was asked for, and a drag begins only after some way.
        let mut hand = vec!["sleep", "0.5", "mousemove", "1230", "60", "mousedown", "1"];
        for x in ["1220", "1200", "1150", "1000", "800", "600", "601", "600"] {
            hand.extend(["mousemove", x, "300", "sleep", "0.08"]);
        }
        let begun = Instant::now();
        loop {
            self.hand(&hand)?;
            if window.shows(".drop").await {
                return Ok(held);
            }
            // The moment was longer, and the hand took nothing.
            assert!(begun.elapsed() < PATIENCE, "the app does not see what is held above it");
            self.hand(&["mouseup", "1"])?;
        }
    }

    /// Copies files in another program, for as long as the result is kept.
    pub fn copy_files(&self, files: &[&Path]) -> Result<Held<'_>, StoryError> {
        let mut command = Command::new(program("drag-source")?);
        command.args(["1190", "20"]).args(files).stdout(Stdio::piped());
        self.give_to(&mut command);
        let mut source = Ending(command.spawn().map_err(failed("opening the other program"))?);
        first_line(&mut source, "waiting for the other program")?;
        Ok(Held { desk: self, _source: source })
    }

    /// What the pointer and the keyboard do, in xdotool's words.
    pub fn hand(&self, does: &[&str]) -> Result<(), StoryError> {
        self.on_screen(Command::new("xdotool").args(does))
    }

    /// Gives the app's window the keyboard; there is no one else on this screen who would.
    pub fn look_at_window(&self) -> Result<(), StoryError> {
        self.hand(&["search", "--sync", "--onlyvisible", "--name", "^SynapScribe$", "windowfocus", "--sync"])
    }

    /// A picture of the whole screen, for a person to look at.
    pub fn picture(&self, name: &str) -> Result<PathBuf, StoryError> {
        let folder = program("synapscribe-desktop")?.with_file_name("pictures");
        std::fs::create_dir_all(&folder).map_err(failed("making a folder for pictures"))?;
        // What the page holds already is drawn a moment later; nothing but the picture depends on it.
        std::thread::sleep(Duration::from_millis(600));
        let path = folder.join(format!("{name}.png"));
        self.on_screen(Command::new("import").args(["-window", "root"]).arg(&path))?;
        Ok(path)
    }
}

async fn ready(url: &str) -> bool {
    // A request as short as this needs no client of its own.
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = url.trim_start_matches("http://");
    let Ok(mut stream) = tokio::net::TcpStream::connect(address).await else { return false };
    let request = format!("GET /status HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    if stream.write_all(request.as_bytes()).await.is_err() {
        return false;
    }
    let mut said = String::new();
    let reading = tokio::time::timeout(Duration::from_secs(2), stream.read_to_string(&mut said));
    let _ = reading.await;
    said.contains("\"ready\":true")
}

impl Held<'_> {
    /// Lets the files fall.
    pub fn let_go(self) -> Result<(), StoryError> {
        self.desk.hand(&["mouseup", "1", "sleep", "0.3"])
    }
}

/// A folder with everything in it.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let there = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &there)?;
        } else {
            std::fs::copy(entry.path(), there)?;
        }
    }
    Ok(())
}

/// What a program says first.
fn first_line(program: &mut Ending, what: &str) -> Result<String, StoryError> {
    let mut line = String::new();
    if let Some(said) = program.0.stdout.take() {
        BufReader::new(said).read_line(&mut line).map_err(failed(what))?;
    }
    Ok(line.trim().to_owned())
}

impl Window {
    /// Waits until something shows, and gives it.
    pub async fn find(&self, css: &str) -> fantoccini::elements::Element {
        let found = self.page.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("{css} did not appear ({error}):\n{}", self.account().await),
        }
    }

    /// Whether something shows within a moment.
    async fn shows(&self, css: &str) -> bool {
        self.page.wait().at_most(Duration::from_secs(3)).for_element(Locator::Css(css)).await.is_ok()
    }

    /// Waits until the page's text holds something, and gives the text.
    pub async fn see(&self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            let shown = self.text().await;
            if shown.to_lowercase().contains(&text.to_lowercase()) {
                return shown;
            }
            assert!(begun.elapsed() < PATIENCE, "{text:?} did not appear:\n{}", self.account().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Everything the page says.
    pub async fn text(&self) -> String {
        match self.page.execute("return document.body.innerText", vec![]).await {
            Ok(Value::String(text)) => text,
            other => format!("{other:?}"),
        }
    }

    /// What a failing story shows: the page's words, and what the app said beside them.
    async fn account(&self) -> String {
        format!("{}\n--- the app's log\n{}", self.text().await, std::fs::read_to_string(&self.log).unwrap_or_default())
    }

    /// Runs a script in the page.
    pub async fn ask(&self, script: &str) -> Value {
        self.page.execute(script, vec![]).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits until a script says `true`.
    pub async fn until(&self, what: &str, script: &str) {
        let begun = Instant::now();
        while self.ask(script).await != Value::Bool(true) {
            assert!(begun.elapsed() < PATIENCE, "{what} did not happen:\n{}", self.account().await);
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// The app's own process, which the driver started.
    pub fn process(&self) -> Option<u32> {
        let driver = self.driver.0.id();
        let children = std::fs::read_to_string(format!("/proc/{driver}/task/{driver}/children")).ok()?;
        children.split_whitespace().next()?.parse().ok()
    }

    /// Closes the app as its person would, and waits until it is gone.
    pub async fn close(self) {
        let process = self.process();
        let driver = self.leave().await;
        let begun = Instant::now();
        while process.is_some_and(lives) {
            assert!(begun.elapsed() < PATIENCE, "the app does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        drop(driver);
    }

    /// Closes the app and waits until it takes nothing more, but not for its end, which comes while the result is kept.
    pub async fn leave(self) -> impl Sized {
        let _ = self.page.close().await;
        let begun = Instant::now();
        while self.bus.as_deref().is_some_and(answers) {
            assert!(begun.elapsed() < PATIENCE, "the app goes on taking what it is started with");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.driver
    }
}

/// Whether an app is on a bus that would take what another start was started with.
fn answers(bus: &str) -> bool {
    let mut command = Command::new("dbus-send");
    command.args(["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.ListNames"]);
    run(command.env("DBUS_SESSION_BUS_ADDRESS", bus)).is_ok_and(|said| said.out.contains(".SingleInstance\""))
}

/// Whether a process does more than wait for its parent to see that it ended.
fn lives(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}
