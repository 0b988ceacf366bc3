import GRDB

/// Runs SQL on a replica's file, beside the program that has it open.
func execute(_ sql: String, at path: String) throws {
  let queue = try DatabaseQueue(path: path)
  try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
  try queue.close()
}
