//! Tells the program how it was built, for `-V`.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let variable = |name| env::var(name).unwrap_or_default();
    let compiler = Command::new(variable("RUSTC")).arg("--version").output();
    let compiler = compiler.map_or_else(
        |_| "an unknown compiler".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    );
    println!("cargo:rustc-env=BUILT_WITH={compiler}");
    println!("cargo:rustc-env=BUILT_FOR={}", variable("TARGET"));
    println!("cargo:rustc-env=BUILT_AS={}", variable("PROFILE"));
}
