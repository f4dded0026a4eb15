//! Has the binary built anew when the web desktop inside it changed: rust-embed does not see new file names by itself.

fn main() {
    // A folder that is missing would count as changed at every build. Empty, it says the same: no desktop was built.
    if std::fs::create_dir_all("web/dist").is_ok() {
        println!("cargo:rerun-if-changed=web/dist");
    }
}
