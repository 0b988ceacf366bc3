public import GlossCore
public import GlossSeal
public import GlossStore
public import GlossSync

/// Why an operation on a library was not done. Nothing of it was written.
public enum LibraryError: Error, Equatable, Sendable {
  /// The file could not be read or written, or an edit breaks a rule.
  case store(StoreError)
  /// The hub or the sync with it failed.
  case sync(SyncError)
  /// No record's identifier begins with these digits.
  case noSuchRecord(String)
  /// Several records' identifiers do; the records, in order, at most ``Library/candidateCount`` of them.
  case ambiguousPrefix(String, candidates: [RecordKey])
  /// The text is not 4 to 32 hexadecimal digits.
  case notAPrefix(String)
  /// The text is not an `http` or `https` address.
  case notAURL(String)
  /// The article has no text to find a quote in.
  case noText(RecordID)
  /// The article's text is not on this machine.
  case textMissing(RecordID)
  /// The quote has nothing but white space.
  case emptyQuote
  /// The quote is not in the text.
  case quoteNotFound(String)
  /// The quote is in the text more than once.
  case quoteAmbiguous([QuotePlace])
  /// The quote is in the text fewer times than that.
  case noSuchOccurrence(Int, count: Int)
  /// The text cannot be a tag's name.
  case notATag(String)
  /// The text is not `2026`, `2026-11` or `2026-11-24`.
  case notADate(String)
  /// The byte at this offset, from 0, is not part of UTF-8 text.
  case notUTF8(offset: Int)
  /// The byte at this offset, from 0, is a NUL, which no text has.
  case containsNUL(offset: Int)
  /// The note has nothing but white space.
  case emptyNote
  /// The text is no query, or a saved query that it names does not work.
  case filter(FilterError, text: String)
  /// The field is not in conflict.
  case noConflict(RecordKey, field: Name)
  /// The record did not exist yet at that point of its history.
  case noSuchRecordThen(RecordKey)
  /// The values that these fields had then were replaced, and are not kept on this machine any more.
  case valuesDropped([Name])
  /// The text is not the name of a change.
  case notAChange(String)
  /// No change of this name is here.
  case noSuchChange(String)
  /// Several devices whose names or identifiers begin so have a change of this number.
  case ambiguousChange(String)
  /// This machine has no operation of this number: it is not recorded, or was forgotten.
  case noSuchOperation(Int64)
  /// A record of the one kind cannot belong to one of the other.
  case cannotBelong(ReadingKind, to: ReadingKind)
  /// The field's values are no texts.
  case notText(Name)
  /// The library's key is missing from its file.
  case noRootKey
  /// The key is under a passphrase, which ``Library/unlock(_:)`` has not been given.
  case locked
  /// The key is under another passphrase.
  case wrongPassphrase
  /// The key is under a passphrase already.
  case hasPassphrase
  /// The key is under no passphrase.
  case noPassphrase
  /// The key under its passphrase could not be read, or not made.
  case wrappedKey(WrappedRootKeyError)
}
