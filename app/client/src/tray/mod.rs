//! The uploads of a face that stays open: a list that is kept over restarts, each with its progress, to be paused, resumed and
//! given up. Knows no window; [`crate::UploadEvent`] tells how a single upload fares.

mod gather;
mod item;
mod keeper;

use std::path::PathBuf;

use tokio::sync::{mpsc, watch};

use crate::client::Client;
pub use item::{Item, ItemState};
use keeper::{Keeper, Order};

/// Orders that may wait; people give few at a time.
const ORDERS: usize = 64;

/// The list. Dropping it stops the uploads, which go on when it is opened again.
pub struct Tray {
    orders: mpsc::Sender<Order>,
    items: watch::Receiver<Vec<Item>>,
}

impl Tray {
    /// Opens the list of a server and goes on with what was unfinished.
    pub fn open(client: Client) -> Self {
        let (orders, taken) = mpsc::channel(ORDERS);
        let (told, items) = watch::channel(Vec::new());
        tokio::spawn(Keeper::restore(client, told).run(taken));
        Self { orders, items }
    }

    /// The list as it is, and whenever it changes.
    pub fn items(&self) -> watch::Receiver<Vec<Item>> {
        self.items.clone()
    }

    /// Takes files and folders; captions find their recordings.
    pub async fn add(&self, paths: Vec<PathBuf>) {
        self.order(Order::Add(paths)).await;
    }

    /// Stops for now; what was sent stays sent.
    pub async fn pause(&self, id: &str) {
        self.order(Order::Pause(id.to_owned())).await;
    }

    /// Goes on, or tries again after a failure.
    pub async fn resume(&self, id: &str) {
        self.order(Order::Resume(id.to_owned())).await;
    }

    /// Stops it and removes what was sent, after a restart if need be; what a failed one came to on the server after all stays there.
    pub async fn cancel(&self, id: &str) {
        self.order(Order::Cancel(id.to_owned())).await;
    }

    /// Takes it off the list.
    pub async fn dismiss(&self, id: &str) {
        self.order(Order::Dismiss(id.to_owned())).await;
    }

    async fn order(&self, order: Order) {
        // The keeper ends only with this list.
        let _ = self.orders.send(order).await;
    }
}
