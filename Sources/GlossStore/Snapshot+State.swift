internal import GlossCore
internal import GlossCrypto

extension Snapshot {
  /// Returns a hash over the heads of all records: equal where two replicas hold the same, whatever each has dropped of the
  /// past.
  ///
  /// It is a chain from 32 zero bytes: SHA-256 over the hash before and a record, in the order of the records' identifiers and
  /// then of their kinds' bytes. A record is written as identifier (16) · kind · number of registers · registers in the order
  /// of their fields' bytes; a register as field · number of heads · heads in order, each replica (16) · number. Names are
  /// counted, and numbers varints, as in `Protocol/README.md`. What has no heads is left out.
  ///
  /// - Complexity: O(*n*) in the number of records.
  package func stateHash() throws -> [UInt8] {
    var hash = Transaction.firstTip
    var group: [(kind: Name, number: Int64)] = []
    var groupID: RecordID?
    let records = try transaction.prepare("SELECT uuid, kind, id FROM _record ORDER BY uuid, kind")
    while try records.step() {
      let id = try records.identifier(as: RecordID.self, at: 0)
      if let groupID, groupID != id {
        try add(groupID, group, to: &hash)
        group = []
      }
      groupID = id
      group.append((try transaction.name(records.integer(at: 1)), records.integer(at: 2)))
    }
    if let groupID { try add(groupID, group, to: &hash) }
    return hash
  }

  /// Adds the records of one identifier, which differ in their kinds.
  private func add(
    _ id: RecordID, _ records: [(kind: Name, number: Int64)], to hash: inout [UInt8]
  ) throws(StoreError) {
    for (kind, number) in records.sorted(by: { $0.kind < $1.kind }) {
      guard let packed = try transaction.table(of: kind).heads(of: number) else { continue }
      let registers = try transaction.unpack(packed).registers.filter { !$0.value.heads.isEmpty }
      guard !registers.isEmpty else { continue }
      var writer = ByteWriter()
      writer.writeFixed(id.value)
      writer.writeCounted(kind.text)
      writer.writeVarint(UInt64(registers.count))
      for (field, register) in registers.sorted(by: { $0.key < $1.key }) {
        writer.writeCounted(field.text)
        writer.writeVarint(UInt64(register.heads.count))
        for dot in register.heads.map(\.dot).sorted() {
          writer.writeFixed(dot.replica.value)
          writer.writeVarint(dot.seq)
        }
      }
      hash = sha256(hash, writer.bytes)
    }
  }
}
