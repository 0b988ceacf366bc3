internal import Gloss
internal import GlossCore
internal import GlossStore

extension Library {
  /// Returns the change that a person named.
  func changeNamed(_ text: String) throws -> Dot { try change(named: text) }

  /// Returns the point of a history that a person means: a change, or the end of a time.
  func point(_ text: String) throws -> HistoryPoint {
    do {
      let reference = TimeReference(now: Surroundings.clock())
      return .time(UInt64(max(0, try Moment(parsing: text).end(at: reference))))
    } catch let error {
      do throws(LibraryError) {
        return .change(try change(named: text))
      } catch .notAChange {
        throw Failure(error, in: text)
      }
    }
  }
}
