//! Writes generated text: a whole file, or the part of a file between two marks.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Why generated text was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// The file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file, relative to the workspace.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The file lacks one of the marks `generated: <name>` and `end of generated: <name>`.
    #[error("{} lacks the marks `generated: {name}` and `end of generated: {name}`", path.display())]
    Mark {
        /// The file, relative to the workspace.
        path: PathBuf,
        /// The name of the part.
        name: String,
    },
}

fn in_workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Replaces a whole file.
pub(crate) fn write(path: &str, text: &str) -> Result<(), FileError> {
    fs::write(in_workspace(path), text).map_err(|source| FileError::Io { path: path.into(), source })
}

/// Replaces the lines between the line that holds `generated: <name>` and the line that holds `end of generated:
/// <name>`. The marks are comments in the file's own language and stay.
pub(crate) fn write_part(path: &str, name: &str, text: &str) -> Result<(), FileError> {
    let old = fs::read_to_string(in_workspace(path)).map_err(|source| FileError::Io { path: path.into(), source })?;
    let new = replace_part(&old, name, text).ok_or_else(|| FileError::Mark { path: path.into(), name: name.into() })?;
    write(path, &new)
}

fn replace_part(old: &str, name: &str, text: &str) -> Option<String> {
    let (begin, end) = (format!("generated: {name}"), format!("end of generated: {name}"));
    let is_begin = |line: &str| line.contains(&begin) && !line.contains(&end);
    let lines: Vec<&str> = old.lines().collect();
    let first = lines.iter().position(|line| is_begin(line))?;
    let last = lines.iter().position(|line| line.contains(&end)).filter(|last| *last > first)?;
    let mut new: Vec<&str> = lines[..=first].to_vec();
    new.extend(text.lines());
    new.extend(&lines[last..]);
    Some(new.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::replace_part;

    #[test]
    fn only_the_lines_between_the_marks_are_replaced() {
        let old = "a\n# generated: x\nold\n# end of generated: x\nb\n";
        let new = "a\n# generated: x\nnew\nlines\n# end of generated: x\nb\n";
        assert_eq!(replace_part(old, "x", "new\nlines\n").as_deref(), Some(new));
        assert_eq!(replace_part(old, "y", "new"), None);
    }
}
