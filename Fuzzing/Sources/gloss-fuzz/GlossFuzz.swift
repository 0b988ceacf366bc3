/// libFuzzer's own entry, which takes the function that an input is given to.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ run: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

nonisolated(unsafe) private var target = Target { _ in }

/// `gloss-fuzz TARGET` and then libFuzzer's arguments: folders of inputs and options, or files to run once.
@main enum GlossFuzz {
  static func main() {
    let name = CommandLine.arguments.dropFirst().first ?? ""
    guard let chosen = Target.all[name] else {
      print(Target.all.keys.sorted().joined(separator: "\n"))
      return
    }
    target = chosen
    var count = CommandLine.argc - 1
    var arguments = CommandLine.unsafeArgv + 1
    let status = runDriver(&count, &arguments) { bytes, count in
      target.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
      return 0
    }
    check(status == 0, "libFuzzer's status is \(status)")
  }
}
