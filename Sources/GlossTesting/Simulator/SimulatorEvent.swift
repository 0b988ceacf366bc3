/// Everything that can happen in a simulated world, each by its name on the command line.
///
/// ``isFault`` are those that `--only` and `--without` are about; the others are what people and machines do on a good day.
package enum SimulatorEvent: String, CaseIterable, Sendable {
  // MARK: What people do

  case add, edit, progress, tag, delete, undelete, resolve, child
  /// Edits a field as somebody who saw the record some time ago.
  case staleEdit = "stale-edit"
  case largeValue = "large-value"
  /// Takes back one of the last things that were done on a machine.
  case undo

  // MARK: What machines do

  /// A replica begins to sync, up to its first request.
  case sync
  /// The hub gets the request that a replica waits with, and the replica the reply.
  case deliver
  /// All that a replica still asks is answered until its sync has ended.
  case finish
  /// Time passes for everybody.
  case time
  /// All that one replica holds and shows is looked at.
  case look

  // MARK: The network

  /// The hub does not see the request.
  case requestLost = "request-lost"
  /// The hub acts, and nobody hears of it.
  case replyLost = "reply-lost"
  /// The hub gets the request twice; the second reply comes back.
  case doubled
  /// The client hears nothing and gives up; the request comes to the hub later.
  case requestLate = "request-late"
  /// Such a request comes.
  case requestArrives = "request-arrives"
  /// The hub acts now, and the reply comes when others have been served.
  case replyLate = "reply-late"
  /// The reply's body ends early.
  case cut
  /// One byte of the reply's body is another.
  case garbled
  /// The hub acts, and something in front of it says 503.
  case unavailable
  /// The hub asks for patience with 429.
  case slowDown = "slow-down"
  /// There is no connection, as on a machine that is offline.
  case unreachable
  /// Something that is no hub answers.
  case portal

  // MARK: Machines

  /// The program is killed between two requests and started again.
  case kill
  /// Somebody copies a replica's file, and uses both.
  case copyFile = "copy-file"
  /// Somebody copies a whole machine, so that nothing on it tells.
  case copyMachine = "copy-machine"
  /// Somebody backs a replica's file up.
  case backUp = "back-up"
  /// Somebody puts such a backup back.
  case restoreFile = "restore-file"
  /// A whole machine goes back to the time of such a backup.
  case restoreMachine = "restore-machine"
  /// A machine's clock is set: far ahead, far behind, stopped, stepping, right.
  case clock
  /// A new machine joins with a code, or one that the hub does not let in any more joins again.
  case join
  /// Somebody takes a machine's token from it and begins a new epoch.
  case revoke
  /// A machine drops values that were replaced and that everybody has had.
  case compact
  /// A machine gets a newer version of the program.
  case upgrade
  /// Such a machine writes kinds, fields and types of values that older ones do not know.
  case newerEdit = "newer-edit"

  // MARK: Disks

  /// There is no space left under a machine's file, at some operation of an edit or a sync, or from there on.
  case diskFull = "disk-full"
  /// The device under a machine's file fails at some operation of an edit or a sync, or from there on.
  case diskFails = "disk-fails"
  /// The program is killed between two operations of an edit on its file, and started again.
  case killEditing = "kill-editing"
  /// A machine loses its power during an edit, and with it some of what was not synced.
  case powerLoss = "power-loss"
  /// The hub loses its power while it does what a machine asks, sometimes after its device failed once, and with it some of what was
  /// not synced.
  case hubPowerLoss = "hub-power-loss"

  // MARK: The hub

  /// The hub's operator makes a backup.
  case hubBackUp = "hub-back-up"
  /// The hub goes back to a backup.
  case hubRolledBack = "hub-rolled-back"
  /// The hub loses everything.
  case hubWiped = "hub-wiped"

  // MARK: A hub that lies. Each is about the page that answers a pull, whose cursor fits what is shown.

  /// It keeps the newest back.
  case withheld
  /// It leaves out a bundle in the middle: another log than others are shown.
  case forked
  /// It shows the bundles in another order.
  case reordered
  /// It alters a byte of a bundle.
  case tampered
  /// It says that there is more, or that there is not.
  case misjudged
  /// It answers with an earlier page.
  case older

  // MARK: A device that lies

  /// Somebody with a token pushes what is no bundle, a forged one, or one that continues nothing, or uploads garbage.
  case hostilePush = "hostile-push"
}

extension SimulatorEvent {
  /// Whether it is something that goes wrong.
  package var isFault: Bool {
    switch self {
    case .add, .edit, .progress, .tag, .delete, .undelete, .resolve, .child, .staleEdit,
      .largeValue, .undo, .sync, .deliver, .finish, .time, .look:
      false
    default: true
    }
  }

  /// Whether it is a fault of the storage under a machine's file, or the hub's.
  package var isOfStorage: Bool {
    switch self {
    case .diskFull, .diskFails, .killEditing, .powerLoss, .hubPowerLoss: true
    default: false
    }
  }

  /// How often it happens, against the others.
  package var weight: Int {
    switch self {
    case .add: 40
    case .edit: 70
    case .staleEdit: 50
    case .progress, .tag: 25
    case .delete, .undelete, .resolve, .child: 25
    case .largeValue: 15
    case .undo: 40
    case .sync: 130
    case .deliver: 260
    case .finish: 70
    case .time: 25
    case .look: 15
    case .requestArrives: 20
    case .kill, .diskFull, .diskFails, .killEditing, .powerLoss: 20
    // Most of the time nobody waits for the hub.
    case .hubPowerLoss: 80
    case .backUp, .clock, .hubBackUp: 12
    case .copyFile, .copyMachine: 4
    case .restoreFile, .restoreMachine, .hubRolledBack, .revoke: 6
    case .join, .upgrade: 8
    case .compact: 30
    case .newerEdit: 30
    case .withheld, .forked, .reordered, .tampered, .misjudged, .older, .hostilePush: 12
    case .hubWiped: 2
    case .requestLost, .replyLost, .doubled, .requestLate, .replyLate, .cut, .garbled,
      .unavailable, .slowDown, .unreachable, .portal:
      12
    }
  }
}
