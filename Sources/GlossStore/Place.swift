internal import Glibc
internal import GlossCore

// Whether a file is where it was
// ==============================
//
// Problem: who copies a library's file, or puts back one from a backup, has two files that make changes under one
// replica's identifier. Both then give the same numbers to different changes, and one of them would have to lose.
//
// Idea: the file says whose it is and how often it was heard of outside (its generation), and so does the file beside it
// whose lock every writer takes. The latter also says which file it stands beside, by the inode. A copy lacks the file beside
// it, or has one that names another inode; one that was put back in place is of an earlier generation than the file beside
// it says. The generation grows with each push that a hub acknowledges, so a file that was put back without being noticed
// was never ahead of what others know.
//
// Why it is enough: a copy that is taken for the original by mistake (an image of a whole machine copies the inode too) is
// noticed by the hub, whose record of the replica it then contradicts. An original that is taken for a copy by mistake (it was
// moved to another file system, the file beside it was removed) goes on under a new identifier, which costs a few bytes.

/// Where a library's file stands, as it and the file beside it say.
struct Place: Equatable {
  /// The replica whose file it is.
  var replica: ReplicaID
  /// How often a hub has acknowledged changes of the replica.
  var generation: UInt64
  /// The inode of the library's file.
  var inode: UInt64

  /// Whether a file that says `self` stands where this is said of it.
  func isAt(_ place: Place) -> Bool {
    replica == place.replica && inode == place.inode && generation >= place.generation
  }
}

extension Place {
  /// The text that stands in the file beside the library's: of one length, so that writing it anew moves nothing.
  var text: String {
    func padded(_ number: UInt64) -> String {
      let digits = String(number)
      return String(repeating: "0", count: 20 - digits.utf8.count) + digits
    }
    return "gloss place 1 \(replica) \(padded(generation)) \(padded(inode))\n"
  }

  /// Reads such a text; `nil` where it is none.
  init?(text: String) {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 6, words[0] == "gloss", words[1] == "place", words[2] == "1",
      let replica = ReplicaID(hex: String(words[3])), let generation = UInt64(words[4]),
      let inode = UInt64(words[5])
    else { return nil }
    self.init(replica: replica, generation: generation, inode: inode)
  }

  /// Reads what the file beside a library says; `nil` where there is none, or it says nothing.
  ///
  /// - Throws: Where it is there and cannot be read: a library is no copy because its disk fails.
  static func said(besideLibraryAt path: String) throws(StoreError) -> Place? {
    let path = Replica.lockPath(of: path)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw StoreError(errno: errno, path: path)
    }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = read(descriptor, &buffer, buffer.count)
    let code = errno
    close(descriptor)
    guard count >= 0 else { throw StoreError(errno: code, path: path) }
    return String(validating: buffer[..<count], as: UTF8.self).flatMap(Place.init(text:))
  }

  /// Returns the inode of a file, or `nil` where there is none.
  static func inode(of path: String) -> UInt64? {
    var info = stat()
    return stat(path, &info) == 0 ? UInt64(info.st_ino) : nil
  }
}

extension FileLock {
  /// Makes the locked file say this of the library beside it.
  ///
  /// Where that fails the file says what it said before: of an earlier generation, which is no harm, or of another replica, and
  /// then the library takes one more identifier when it is opened.
  func setPlace(_ place: Place) {
    let bytes = Array(place.text.utf8)
    _ = pwrite(descriptor, bytes, bytes.count, 0)
    _ = fdatasync(descriptor)
  }
}
