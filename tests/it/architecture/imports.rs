//! Which file imports which, according to their `use` lines.
//!
//! A path is followed through `use` lines to the file that declares the item. A re-export
//! (`pub use`) is not an import of its file, so a parent that only declares its children and
//! re-exports their items imports nothing. Unit tests do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A path in the code, split into segments.
type Segments = Vec<String>;

/// The files of one crate.
pub(super) struct Crate {
    modules: BTreeMap<Segments, Module>,
}

#[derive(Default)]
struct Module {
    file: PathBuf,
    /// The names that `use` lines introduce, with the paths they refer to.
    names: BTreeMap<String, Segments>,
    /// The paths of the file's private `use` lines.
    imports: Vec<Segments>,
}

impl Crate {
    /// Reads a crate from its source folder.
    pub(super) fn read(root: &Path) -> Self {
        let mut modules = BTreeMap::new();
        for (file, text) in super::sources(root) {
            let module = module_of(file.strip_prefix(root).unwrap());
            if file.ends_with("tests.rs") || file.ends_with("main.rs") {
                continue;
            }
            let mut found = Module {
                file,
                ..Module::default()
            };
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            for (is_public, tree) in uses(code) {
                for (path, name) in leaves(&tree) {
                    if !is_public {
                        found.imports.push(path.clone());
                    }
                    found.names.insert(name, path);
                }
            }
            modules.insert(module, found);
        }
        Self { modules }
    }

    /// The number of files.
    pub(super) fn len(&self) -> usize {
        self.modules.len()
    }

    /// A file, and all that it reaches through imports.
    pub(super) fn reached_from<'f>(&'f self, file: &'f Path) -> BTreeSet<&'f Path> {
        let mut found = reach(file, &self.imports());
        found.insert(file);
        found
    }

    /// The file that declares the item with a path from the crate's root.
    pub(super) fn file_of(&self, path: &str) -> Option<&Path> {
        self.resolve(&[], &segments(path), 0)
    }

    /// Which files each file imports.
    fn imports(&self) -> BTreeMap<&Path, BTreeSet<&Path>> {
        let imports = self.modules.iter().map(|(at, module)| {
            let paths = module.imports.iter();
            let found = paths.filter_map(|path| self.resolve(at, path, 0));
            let file = module.file.as_path();
            (file, found.filter(|other| *other != file).collect())
        });
        imports.collect()
    }

    /// Groups of files that all reach each other through imports.
    pub(super) fn cycles(&self) -> BTreeSet<BTreeSet<String>> {
        let imports = self.imports();
        let reached: BTreeMap<&Path, BTreeSet<&Path>> = imports
            .keys()
            .map(|file| (*file, reach(file, &imports)))
            .collect();
        let cycle = |file: &&Path| {
            let others = reached[*file].iter();
            let back = others.filter(|other| reached[*other].contains(file));
            let names: BTreeSet<String> = back.map(|file| file.display().to_string()).collect();
            (names.len() > 1).then_some(names)
        };
        reached.keys().filter_map(cycle).collect()
    }

    /// The file that declares the item at a path, seen from a module; `None` outside the crate.
    fn resolve(&self, from: &[String], path: &[String], depth: usize) -> Option<&Path> {
        assert!(depth < 10, "{path:?}");
        let mut at = from.to_vec();
        let mut rest = path.iter();
        let first = path.first()?.as_str();
        match first {
            "crate" => at.clear(),
            "self" => {}
            "super" => {
                at.pop();
            }
            child => {
                at.push(child.to_owned());
                self.modules.get(&at)?;
            }
        }
        rest.next();
        while let Some(segment) = rest.next() {
            if segment == "super" {
                at.pop();
                continue;
            }
            at.push(segment.clone());
            if self.modules.contains_key(&at) {
                continue;
            }
            at.pop();
            if let Some(named) = self.modules[&at].names.get(segment) {
                let whole: Segments = named.iter().chain(rest).cloned().collect();
                return self.resolve(&at, &whole, depth + 1);
            }
            break;
        }
        Some(&self.modules[&at].file)
    }
}

/// All files that a file reaches through imports.
fn reach<'f>(
    file: &'f Path,
    imports: &BTreeMap<&'f Path, BTreeSet<&'f Path>>,
) -> BTreeSet<&'f Path> {
    let mut found = BTreeSet::new();
    let mut next = vec![file];
    while let Some(file) = next.pop() {
        next.extend(imports[file].iter().filter(|other| found.insert(**other)));
    }
    found
}

/// The module path of a file.
fn module_of(file: &Path) -> Segments {
    let path = file.with_extension("");
    let segments = path.iter().map(|part| part.to_str().unwrap().to_owned());
    let mut segments: Segments = segments.collect();
    segments.pop_if(|last| last == "mod" || last == "lib");
    segments
}

/// The `use` declarations of a file: whether each is a re-export, and the text after `use`.
fn uses(code: &str) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    let mut lines = super::code(code);
    while let Some(line) = lines.next() {
        let (before, tree) = match line.split_once("use ") {
            Some(("", tree)) => ("", tree),
            Some((before, tree)) if is_visibility(before) => (before, tree),
            _ => continue,
        };
        let mut tree = tree.to_owned();
        while !tree.contains(';') {
            tree.push_str(lines.next().unwrap());
        }
        let tree = tree.split(';').next().unwrap();
        let tree = tree.split_whitespace().collect::<Vec<_>>().join(" ");
        found.push((!before.is_empty(), tree));
    }
    found
}

/// Whether this text is `pub` or `pub(...)`.
fn is_visibility(text: &str) -> bool {
    let text = text.trim_end();
    text == "pub" || text.starts_with("pub(") && text.ends_with(')')
}

/// The paths of a `use` tree, each with the name that it introduces.
fn leaves(tree: &str) -> Vec<(Segments, String)> {
    let tree = tree.trim();
    if let Some((prefix, group)) = tree.split_once('{') {
        let prefix = segments(prefix);
        let group = group.strip_suffix('}').unwrap();
        return parts(group)
            .flat_map(leaves)
            .map(|(path, name)| {
                let path: Segments = prefix.iter().chain(&path).cloned().collect();
                let path = path.strip_suffix(&["self".to_owned()]).unwrap_or(&path);
                let name = match name.as_str() {
                    "self" => path.last().unwrap().clone(),
                    _ => name,
                };
                (path.to_vec(), name)
            })
            .collect();
    }
    let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
    let path = segments(path);
    let name = match name {
        "" => path.last().unwrap().clone(),
        name => name.to_owned(),
    };
    vec![(path, name)]
}

fn segments(path: &str) -> Segments {
    let segments = path.split("::").map(str::trim);
    segments
        .filter(|segment| !segment.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Splits a group at its own commas, but not at those of nested groups.
fn parts(group: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    group
        .split(move |c| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            c == ',' && depth == 0
        })
        .filter(|part| !part.trim().is_empty())
}

#[test]
fn a_cycle_is_found_through_re_exports() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    write("lib.rs", "mod a;\nmod b;\nmod c;\n");
    write(
        "a/mod.rs",
        "mod deep;\npub(crate) use deep::{Deep as D, other};\n",
    );
    write(
        "a/deep.rs",
        "use crate::{b::B, c::{self, C}};\nuse std::fs;\n",
    );
    write("b.rs", "use super::a::D;\n#[cfg(test)]\nmod tests {\n}\n");
    write("c.rs", "pub use crate::a::D;\n");
    let cycles = Crate::read(folder.path()).cycles();
    let files = ["a/deep.rs", "b.rs"].map(|name| folder.path().join(name).display().to_string());
    assert_eq!(cycles, BTreeSet::from([BTreeSet::from(files)]));
}
