internal import ArgumentParser
internal import Foundation
internal import GlossHub

/// `gloss-hub invite`.
struct Invite: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a secret that lets somebody create one library.",
    discussion: """
      For a hub that runs with `--registration invite`; it need not be stopped. Give the secret \
      to one person: the first library that is created with it uses it up.

      The secret is made with the key in DIR/invitation.key, which the first invitation makes. \
      Removing that file ends all invitations that are out.

      Exit codes: 0 printed; 64 the command line is wrong; 73 the data directory cannot be used.

      EXAMPLE
        gloss-hub invite --data hub --days 2
      """)

  @Option(
    help: ArgumentHelp(
      "The hub's data directory, or the variable GLOSS_HUB_DATA.", valueName: "dir")
  )
  var data: String?

  @Option(
    help: ArgumentHelp("How long it is good, 1 to 366. (default: 7)", valueName: "days"))
  var days: Count?

  func run() throws {
    let settings = Settings(environment: ProcessInfo.processInfo.environment)
    let directory = try settings.required(data, "data")
    let days = days?.value ?? 7
    guard days <= 366 else { throw ValidationError("--days is from 1 to 366.") }
    var generator = SystemRandomNumberGenerator()
    let lastSecond = Int64(Date().timeIntervalSince1970) + Int64(days) * 86_400
    do throws(InvitationKey.Failure) {
      let key = try InvitationKey(directory: directory).readOrMake(using: &generator)
      let invitation = Invitation(lastSecond: UInt32(clamping: lastSecond), using: &generator)
      say(invitation.secret(key: key))
    } catch {
      throw failure(
        .unwritable,
        "cannot use \(error.path): \(error.reason). Is --data the directory of the hub, and are "
          + "you its user?")
    }
  }
}
