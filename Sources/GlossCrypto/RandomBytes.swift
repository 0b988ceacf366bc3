/// Returns `count` bytes from `generator`, eight from each number, the most significant first.
package func randomBytes(
  _ count: Int, using generator: inout some RandomNumberGenerator
) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count + 7)
  while bytes.count < count {
    withUnsafeBytes(of: generator.next().bigEndian) { bytes.append(contentsOf: $0) }
  }
  bytes.removeLast(bytes.count - count)
  return bytes
}
