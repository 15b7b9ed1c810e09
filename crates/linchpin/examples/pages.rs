//! Writes every sample page, with its stylesheet and script, into a directory: `pages DIR [THEME]`.
//!
//! The pages are to be served from the root of a web server, for `/assets/…` to be found.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use linchpin::hosted::texts::Locale;
use linchpin::hosted::view::Theme;
use linchpin::hosted::{assets, render};

#[path = "../tests/pages/samples.rs"]
mod samples;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let directory = PathBuf::from(arguments.next().ok_or("which directory?")?);
    let theme = arguments
        .next()
        .and_then(|name| Theme::from_name(&name))
        .unwrap_or_default();
    fs::create_dir_all(directory.join("assets"))?;
    for locale in Locale::ALL {
        for sample in samples::all() {
            let mut frame = sample.frame;
            frame.locale = locale;
            frame.theme = theme;
            let accent = frame.app.as_ref().and_then(|app| app.accent.as_deref());
            let scripts = [false, true].map(assets::script_path);
            for path in scripts.into_iter().chain([assets::stylesheet_path(accent)]) {
                let name = path.trim_start_matches("/assets/");
                let asset = assets::find(name).ok_or("an asset is missing")?;
                fs::write(directory.join("assets").join(name), &asset.body)?;
            }
            let name = format!("{}-{}.html", sample.name, locale.tag());
            fs::write(directory.join(name), render::page(&frame, &sample.view))?;
        }
    }
    Ok(())
}
