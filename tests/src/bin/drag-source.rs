//! A small window of another program, from which files can be dragged and in which they were copied: `drag-source X Y FILE…`.
//! It knows nothing of the app.

use gtk::prelude::*;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = || arguments.next().and_then(|n| n.parse().ok()).expect("the first two arguments are a place on the screen");
    let (x, y) = (number(), number());
    let uris: Vec<String> = arguments
        .map(|path| gtk::glib::filename_to_uri(path, None).expect("the others are absolute paths").to_string())
        .collect();
    gtk::init().expect("there is a screen");
    let window = gtk::Window::new(gtk::WindowType::Popup);
    window.set_default_size(80, 80);
    window.move_(x, y);
    let label = gtk::Label::new(Some("drag me"));
    let handle = gtk::EventBox::new();
    handle.add(&label);
    window.add(&handle);
    handle.drag_source_set(gtk::gdk::ModifierType::BUTTON1_MASK, &[], gtk::gdk::DragAction::COPY);
    handle.drag_source_add_uri_targets();
    let give = move |data: &gtk::SelectionData| {
        let uris: Vec<&str> = uris.iter().map(String::as_str).collect();
        data.set_uris(&uris);
    };
    let copied = give.clone();
    handle.connect_drag_data_get(move |_, _, data, _, _| give(data));
    let list = gtk::TargetEntry::new("text/uri-list", gtk::TargetFlags::empty(), 0);
    gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD).set_with_data(&[list], move |_, data, _| copied(data));
    window.show_all();
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "ready");
    gtk::main();
}
