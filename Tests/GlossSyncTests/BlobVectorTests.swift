import Foundation
import GlossCore
import GlossSeal
import GlossSync
import Testing

/// Protocol/vectors/blobs.json, which `Protocol/reference/blob_cases.py` makes.
private struct BlobVectors: Decodable {
  var sealedBlobs: [Sealed]
  var refusedBlobs: [Refused]

  struct Sealed: Decodable {
    var name, root, library, content, digest, blobName, frame, sealed: String
  }

  struct Refused: Decodable {
    var name, root, library, digest, sealed, error: String
  }

  static func read() throws -> Self {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Protocol/vectors/blobs.json").standardized
    return try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
  }
}

@Suite struct BlobVectorTests {
  @Test func `every large value is named, sealed and opened as the vectors say`() throws {
    let vectors = try BlobVectors.read().sealedBlobs
    #expect(vectors.count >= 7)
    for vector in vectors {
      let sealer = try sealer(vector.root, vector.library)
      let id = try #require(BlobID(digest: try bytes(vector.digest)))
      #expect(hexadecimal(sealer.name(of: id)) == vector.blobName, "\(vector.name)")
      #expect(
        hexadecimal(sealer.sealed(frame: try bytes(vector.frame), as: id)) == vector.sealed,
        "\(vector.name)")
      let content = try bytes(vector.content)
      #expect(try sealer.opened(try bytes(vector.sealed), as: id) == content, "\(vector.name)")
      // However it is compressed, it opens.
      #expect(try sealer.opened(sealer.sealed(content, as: id), as: id) == content)
    }
  }

  @Test func `every bad one is refused with its error`() throws {
    let vectors = try BlobVectors.read().refusedBlobs
    #expect(vectors.count >= 29)
    for vector in vectors {
      let sealer = try sealer(vector.root, vector.library)
      let id = try #require(BlobID(digest: try bytes(vector.digest)))
      let sealed = try bytes(vector.sealed)
      var found = "opened"
      do throws(BlobFault) {
        _ = try sealer.opened(sealed, as: id)
      } catch .seal(.truncated) {
        found = "truncated"
      } catch .seal(.unknownEpoch) {
        found = "unknownEpoch"
      } catch .seal(let error) {
        found = "\(error)"
      } catch {
        found = "\(error)"
      }
      #expect(found == vector.error, "\(vector.name)")
    }
  }

  private func sealer(_ root: String, _ library: String) throws -> Sealer {
    Sealer(
      root: try #require(RootKey(bytes: try bytes(root))),
      library: try #require(LibraryID(hex: library)))
  }

  private func bytes(_ hex: String) throws -> [UInt8] {
    let digits = Array(hex.utf8)
    return try stride(from: 0, to: digits.count, by: 2).map {
      try #require(UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16))
    }
  }
}
