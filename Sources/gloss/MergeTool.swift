internal import Glibc
internal import Gloss
internal import GlossCore
internal import GlossStore

/// A program that merges files, such as the ones that `git mergetool` calls.
///
/// The command of `GLOSS_MERGETOOL` is run by a shell and has the names of four files in its environment: `BASE`, what the texts
/// were made from; `LOCAL` and `REMOTE`, what is shown and what another machine wrote (also as `CURRENT` and `OTHER`); and
/// `MERGED`, the merge with marks, where it leaves the result. A command that names none of them has the four behind it, in that
/// order. It ends with status 0 when the merge is to be taken.
struct MergeTool {
  let command: String

  static let variable = "GLOSS_MERGETOOL"

  static var fromEnvironment: MergeTool? {
    Surroundings.variable(variable).map { MergeTool(command: $0) }
  }

  /// Merges the sides, more than two of them one after the other, and returns the result without marks.
  func merge(
    _ texts: ConflictTexts, _ conflict: LibraryConflict, labels: [String]
  ) throws -> String {
    var merged = texts.sides.first ?? ""
    var label = labels.first ?? ""
    for (side, other) in zip(texts.sides, labels).dropFirst() {
      let pair = ConflictTexts(sides: [merged, side], bases: texts.bases)
      if let text = pair.merge.text {
        merged = text
      } else {
        let marked = MarkedMerge(pair.merge, labels: [label, other])
        let edited = try run(pair, marked, named: conflict.conflict.field.text)
        merged = texts.closed(edited)
      }
      label = "merged"
    }
    return merged
  }

  private func run(
    _ pair: ConflictTexts, _ marked: MarkedMerge, named name: String
  ) throws -> String {
    let folder = try Editor.temporaryFolder()
    let contents = [
      ("BASE", pair.bases.first ?? ""), ("LOCAL", pair.sides[0]), ("REMOTE", pair.sides[1]),
      ("MERGED", marked.text),
    ]
    var paths: [String: String] = [:]
    for (variable, text) in contents {
      let path = "\(folder)/\(variable).md"
      try Editor.write(text, to: path)
      paths[variable] = path
    }
    paths["CURRENT"] = paths["LOCAL"]
    paths["OTHER"] = paths["REMOTE"]
    let result = paths["MERGED"] ?? ""
    let namesFiles = paths.keys.contains { name in
      command.contains("$" + name) || command.contains("${" + name)
    }
    let script =
      namesFiles ? command : command + " \"$BASE\" \"$LOCAL\" \"$REMOTE\" \"$MERGED\""
    let hint = "the merge is kept in \(result)"
    guard try Editor.shell(script, variables: paths) == 0 else {
      throw Failure(
        .nothingWritten, "the merge tool ended with a failure: nothing was changed", hint: hint)
    }
    let edited: String
    do {
      edited = try ImportedText.decode(try File.read(result)[...])
    } catch {
      throw Failure(error)?.hinting(hint) ?? error
    }
    guard !marked.leavesMarks(in: edited) else { throw Failure.marksLeft.hinting(hint) }
    for (variable, _) in contents { unlink("\(folder)/\(variable).md") }
    rmdir(folder)
    return edited
  }
}
