/// Machines with what there is to say of each: on one line, or on a terminal that is too narrow for one of these, on more.
struct MachineList {
  let rows: [(machine: String, state: String)]

  func print() {
    let terminal = Terminal.output
    let width = rows.map { Text.columns($0.machine) }.max() ?? 0
    let lines = rows.map { Text.padded($0.machine, to: width) + "  " + $0.state }
    guard terminal.isTerminal, lines.contains(where: { Text.columns($0) > terminal.width }) else {
      for line in lines { Output.line(line) }
      return
    }
    for row in rows {
      Output.line(row.machine)
      for line in Text.lines(row.state, width: terminal.width - 2) { Output.line("  " + line) }
    }
  }
}
