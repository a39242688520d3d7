//! Text rendered for terminals, notebooks and files.

pub mod figlet;
pub mod figlet_font;
