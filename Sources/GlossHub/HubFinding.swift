package import GlossCore
package import GlossWire

/// Something that is not as it should be in what a hub keeps.
package enum HubFinding: Equatable, Sendable {
  /// The database's file is damaged; the text is SQLite's.
  case damagedFile(String)
  /// Entries of a log are missing.
  case missingEntries(LibraryID, from: UInt64, before: UInt64)
  /// The running hash at an entry is not that of the bundles up to it.
  case wrongHash(LibraryID, index: UInt64)
  /// A bundle is none, or is not the one that was stored.
  case alteredBundle(LibraryID, index: UInt64)
  /// A run of an origin does not follow the one before it.
  case brokenRun(LibraryID, origin: ReplicaID, after: UInt64, first: UInt64)
  /// A run of an origin does not begin with the tip that the one before it ends in.
  case brokenChain(LibraryID, origin: ReplicaID, first: UInt64)
  /// What is written down of an origin's end is not where its last run ends.
  case wrongEnd(LibraryID, origin: ReplicaID)
  /// A blob is none, or is not the one that was stored. Its name is in hexadecimal.
  case alteredBlob(LibraryID, name: String)
  /// What came of a blob that is not whole is not as much as is written down.
  case brokenUpload(LibraryID, name: String)
  /// A piece of a snapshot is missing.
  case incompleteSnapshot(LibraryID, SnapshotID)
  /// The bytes that a library is said to have are not those of its bundles, blobs and snapshots.
  case wrongSize(LibraryID)
  /// The entry of an epoch is missing from a keyring that goes on after it.
  case missingEpoch(LibraryID, epoch: UInt32)
}

/// What a check of a hub's database came to.
package struct HubReport: Equatable, Sendable {
  package var libraryCount = 0
  package var bundleCount = 0
  package var blobCount = 0
  /// Snapshots that are whole.
  package var snapshotCount = 0
  /// Bytes of the bundles, blobs and snapshots.
  package var byteCount = 0
  package var findings: [HubFinding] = []
}
