//! A book in the window: dropped, its pages seen, asked, and opened where an answer comes from.

use synapscribe_stories::{Desk, Sound};

const PAGES: [&str; 3] = [
    "The tide is the rise and fall of the sea.",
    "A spring tide is the highest tide, and it comes twice a month.",
    "The wind makes the waves of the sea.",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_book_shows_its_pages_and_an_answer_leads_to_its_words() {
    let (desk, sound) = (Desk::with_sample().unwrap().with_bus().unwrap(), Sound::start().unwrap());
    let window = desk.open(&sound).await.unwrap();
    window.find("a.row-title").await;
    let book = desk.home().join("Seas.pdf");
    std::fs::write(&book, pdf(&PAGES)).unwrap();
    desk.drop_files(&window, &[&book]).await.unwrap();
    window.until("opening the book", OPENED).await;
    window.until("the picture of its first page", &pictured(1)).await;

    window.find(".type input").await.send_keys("What comes twice a month?\u{e007}").await.unwrap();
    window.until("the answer's end", "return document.querySelector('.turn-facts') !== null").await;
    window.find("[data-testid=citation]").await.click().await.unwrap();
    window
        .until("the words on their page", "return document.querySelector('[data-page=\"2\"] [data-mark=cited]') !== null")
        .await;
    window.until("the picture of that page", &pictured(2)).await;
    desk.picture("desktop-document").unwrap();

    let id = window.ask("return location.hash.match(/document\\/([^?]+)/)[1]").await;
    desk.start_again(&sound, &[&format!("synapscribe://document/{}?page=3", id.as_str().unwrap())]).unwrap();
    window.until("the page that was opened", "return document.querySelector('[data-page-field]')?.value === '3'").await;
    window.close().await;
}

const OPENED: &str = "const row = [...document.querySelectorAll('a.row-title')].find((row) => /Seas/.test(row.textContent));
    row?.click();
    return row !== undefined";

fn pictured(page: u32) -> String {
    format!("return document.querySelector('[data-page=\"{page}\"] img')?.naturalWidth > 0")
}

/// A PDF whose pages begin with these lines.
fn pdf(pages: &[&str]) -> Vec<u8> {
    let kids: String = (0..pages.len()).map(|n| format!("{} 0 R ", 4 + n * 2)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!(
            "<< /Type /Pages /Count {} /Kids [{kids}] /MediaBox [0 0 420 595] /Resources << /Font << /F1 3 0 R >> >> >>",
            pages.len()
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    for (n, text) in pages.iter().enumerate() {
        // So much more that no passage takes in the next page.
        let more =
            (1..=14).map(|line| format!("(Line {line} of page {n} speaks of gulls, of nets and of the old harbour.) Tj T* "));
        let drawn = format!("BT /F1 11 Tf 15 TL 40 540 Td ({text}) Tj T* {} ET", more.collect::<String>());
        objects.push(format!("<< /Type /Page /Parent 2 0 R /Contents {} 0 R >>", 5 + n * 2));
        objects.push(format!("<< /Length {} >>\nstream\n{drawn}\nendstream", drawn.len()));
    }
    let mut out = "%PDF-1.4\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (n, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", n + 1));
    }
    let at = out.len();
    out.push_str(&format!("{table}trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n", objects.len() + 1));
    out.into_bytes()
}
