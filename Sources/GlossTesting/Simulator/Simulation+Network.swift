internal import GlossWire

extension Simulation {
  /// Does one of the things that can become of a request.
  func carry(_ event: SimulatorEvent) async throws -> String? {
    if event == .requestArrives {
      guard let place = strays.indices.randomElement(using: &generator) else { return nil }
      let stray = strays.remove(at: place)
      let reply = await ask(stray.request, stray.pushed)
      return "\(machines[stray.machine].name)'s \(stray.request.action.word), \(reply.status)"
    }
    let busy = machines.indices.filter { machines[$0].errand != nil }
    guard let index = busy.randomElement(using: &generator),
      let errand = machines[index].errand
    else { return nil }
    let name = "\(machines[index].name)'s \(errand.request.action.word)"
    if let reply = errand.reply {
      // The hub has acted already, and what can still happen is what happens to the reply.
      let isLost = event == .requestLost || event == .replyLost
      let arrival = await errand.gate.answer(isLost ? .failure(.transport(.timedOut)) : reply)
      return "the late reply to \(name): \(try await settle(index, arrival))"
    }
    switch event {
    case .finish: return "\(name), and all that follows: \(try await finish(index))"
    case .replyLate:
      let reply = try await reply(to: index, errand)
      machines[index].errand?.reply = reply
      return name
    case .requestLate:
      strays.append((index, errand.request, try pushedChanges(index, errand.request)))
    default: break
    }
    let answer = try await answer(to: index, errand, event)
    let arrival = await errand.gate.answer(answer)
    return "\(name): \(try await settle(index, arrival))"
  }

  /// Lets the hub answer all that a machine asks until its errand has ended.
  func finish(_ index: Int) async throws -> String {
    var outcome = ""
    while let errand = machines[index].errand {
      let answer: Result<HubReply, HubFailure>
      if let reply = errand.reply {
        answer = reply
      } else {
        answer = try await reply(to: index, errand)
      }
      outcome = try await settle(index, await errand.gate.answer(answer))
    }
    return outcome
  }

  private func reply(
    to index: Int, _ errand: Machine.Errand
  ) async throws -> Result<HubReply, HubFailure> {
    let pushed = try pushedChanges(index, errand.request)
    let answer = read(await ask(errand.request, pushed), to: errand.request)
    if case .success(.page(let page)) = answer { pages.append(page) }
    return answer
  }

  func read(_ reply: HTTPReply, to request: HubRequest) -> Result<HubReply, HubFailure> {
    do throws(HubFailure) {
      return .success(try HubReply(http: reply, to: request.action))
    } catch {
      return .failure(error)
    }
  }

  /// Returns what comes back to a machine.
  private func answer(
    to index: Int, _ errand: Machine.Errand, _ event: SimulatorEvent
  ) async throws -> Result<HubReply, HubFailure> {
    let gaveUp: TransportError =
      Bool.random(using: &generator) ? .timedOut : .interrupted("the connection was lost")
    switch event {
    case .requestLost, .requestLate: return .failure(.transport(gaveUp))
    case .unreachable: return .failure(.transport(.unreachable("no route")))
    case .portal: return .failure(.notOurs("a redirection to a login page"))
    case .slowDown:
      return .failure(
        .refused(
          Problem(.slowDown, status: 429, detail: "too many requests", retryAfterSeconds: 1)))
    case .replyLost:
      _ = try await reply(to: index, errand)
      return .failure(.transport(gaveUp))
    case .unavailable:
      _ = try await reply(to: index, errand)
      return .failure(.refused(Problem(.unavailable, status: 503, detail: "a proxy gave up")))
    case .doubled:
      _ = try await reply(to: index, errand)
      return try await reply(to: index, errand)
    case .cut, .garbled:
      let pushed = try pushedChanges(index, errand.request)
      var http = await ask(errand.request, pushed)
      if !http.body.isEmpty {
        let place = Int.random(in: 0..<http.body.count, using: &generator)
        if event == .cut {
          http.body.removeSubrange(place...)
        } else {
          http.body[place] ^= UInt8.random(in: 1...255, using: &generator)
        }
      }
      return read(http, to: errand.request)
    case .withheld, .forked, .reordered, .tampered, .misjudged, .older:
      return lie(event, instead: try await reply(to: index, errand), to: index, errand)
    default: return try await reply(to: index, errand)
    }
  }

  /// Returns what a hub that lies says instead of an answer to a pull; any other answer is honest.
  private func lie(
    _ event: SimulatorEvent, instead answer: Result<HubReply, HubFailure>, to index: Int,
    _ errand: Machine.Errand
  ) -> Result<HubReply, HubFailure> {
    guard case .success(.page(let page)) = answer,
      case .pull(_, let cursor, _) = errand.request.action
    else { return answer }
    let told = page.told(event, after: cursor, pages: pages, using: &generator)
    guard told != page else { return answer }
    hasLied = true
    machines[index].errand?.sawOtherHub = true
    machines[index].hubGeneration = nil
    return .success(.page(told))
  }
}
