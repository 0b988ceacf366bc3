import GlossCore
import GlossCrypto
import GlossSeal
import Testing

/// Whoever logs a value must not log a secret by it.
struct RedactionTests {
  // Not private: the name of a private type has an address in it, which now and then looks like a secret.
  struct Holder {
    var root: RootKey
    var sealer: Sealer
    var code: PairingCode
    var optionalRoot: RootKey?
    var passphrase: Passphrase
  }

  /// All the ways in which a value becomes text.
  private func texts(of value: Any) -> [String] {
    var dumped = ""
    dump(value, to: &dumped)
    var debugged = ""
    debugPrint(value, to: &debugged)
    return ["\(value)", String(reflecting: value), String(describing: [value]), dumped, debugged]
  }

  @Test func `no text of a value shows a secret`() {
    let secret = [UInt8](repeating: 0xD7, count: 16)
    let root = RootKey(bytes: [UInt8](repeating: 0xD7, count: 32))!
    let code = PairingCode(
      address: "hub", library: Sample.library, root: root, enrolmentSecret: secret)
    let sealer = Sealer(root: root, library: Sample.library)
    let passphrase = Passphrase("horse")!
    let holder = Holder(
      root: root, sealer: sealer, code: code, optionalRoot: root, passphrase: passphrase)
    var keyring = Keyring(root: root, library: Sample.library)
    keyring.add(EpochSecret(root), of: 2)
    let device = DeviceKey(bytes: root.bytes)!
    let keys = LocalKeys(device: device, keyring: keyring)
    let newer = PairingCode(
      address: "hub", root: root, keyring: keyring, enrolmentSecret: secret)
    let header = BackupHeader(
      library: Sample.library, milliseconds: 0, wrappedKey: nil, salt: [UInt8](0..<32))
    let values: [Any] = [
      root, code, sealer, passphrase, holder, EpochSecret(root), keyring, device, keys, newer,
      BackupSeal(header, root: root), RecoveryCode(library: Sample.library, root: root),
    ]
    let secrets = ["horse", "215", "d7", "D7", "UInt8", String(code.text.suffix(20))]
    for text in values.flatMap({ texts(of: $0) }) {
      for shown in secrets {
        #expect(!text.contains(shown), "\(text)")
      }
    }
    #expect(texts(of: code)[0].contains("hub"))
    #expect(texts(of: sealer)[0].contains(Sample.library.description))
  }

  @Test func `no passphrase is empty`() {
    #expect(Passphrase("") == nil)
    #expect(Passphrase(" ") != nil)
  }

  @Test func `a root key has 32 bytes, its own and random ones`() {
    for count in [0, 31, 33] {
      #expect(RootKey(bytes: [UInt8](repeating: 1, count: count)) == nil)
    }
    #expect(Sample.root.bytes == [UInt8](0..<32))
    #expect(Sample.root != Sample.otherRoot)
    var generator = SeededGenerator(state: 2)
    let keys = (0..<20).map { _ in RootKey.random(using: &generator).bytes }
    #expect(Set(keys).count == 20)
    #expect(keys.allSatisfy { $0.count == 32 })
  }
}
