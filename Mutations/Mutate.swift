import Foundation
import SwiftOperators
import SwiftParser
import SwiftSyntax

// The mutants of GlossCore
// ========================
//
// Problem: tests that pass say little; tests that fail when the program is wrong say much. To know which they are, the program has
// to be made wrong in many small ways, and building it anew for each would take hours.
//
// Idea: one build holds all mutants. This program writes the sources anew with every place that can be made wrong as a choice,
//
//     guard change.timestamp < other            guard (mutant(17) ? (change.timestamp <= other) : (change.timestamp < other))
//
// and `mutant(17)` is true where the environment says so (GLOSS_MUTANT=17). See DeMillo's and Untch's mutant schemata: Untch,
// Offutt, Harrold, "Mutation analysis using mutant schemata", 1993. `run.py` then runs the tests once for each mutant; tests that
// fail, crash or hang have killed it. One mutant is active at a time, so mutated text holds no other mutants: the size stays linear.
//
// Whether a choice compiles depends on types, which syntax does not know: `parents + open` adds arrays and cannot subtract. So the
// rewritten sources are compiled as far as the diagnostics, whatever encloses an error is left out, and so on until all of it compiles.
//
// Usage: mutate SOURCES DESTINATION. Writes the sources, Mutant.swift, and mutants.tsv: number, file, line, key.

/// One way in which one place is wrong.
struct Mutant {
  let number: Int
  let file: String
  let line: Int
  /// What names it from one version of the sources to the next: function, text before and after, and how many alike came before.
  let key: String
}

/// Renders one file with its mutants.
final class Renderer {
  let file: String
  let converter: SourceLocationConverter
  let leftOut: Set<String>
  var mutants: [Mutant] = []
  var firstNumber: Int
  private var occurrences: [String: Int] = [:]
  private var functions: [String] = []
  private var initializerDepth = 0

  init(file: String, tree: Syntax, leftOut: Set<String>, firstNumber: Int) {
    self.file = file
    converter = SourceLocationConverter(fileName: file, tree: tree)
    self.leftOut = leftOut
    self.firstNumber = firstNumber
  }

  /// Numbers a mutant, or returns `nil` where it is one of those that do not compile.
  private func add(_ node: some SyntaxProtocol, _ before: String, _ after: String) -> Int? {
    let text = "\(file) \(functions.last ?? "-"): `\(squeezed(before))` -> `\(squeezed(after))`"
    occurrences[text, default: 0] += 1
    let key = occurrences[text] == 1 ? text : "\(text) #\(occurrences[text]!)"
    guard !leftOut.contains(key) else { return nil }
    let number = firstNumber + mutants.count
    let line = node.startLocation(converter: converter).line
    mutants.append(Mutant(number: number, file: file, line: line, key: key))
    return number
  }

  /// The node as source: itself, or a choice between itself and its mutants.
  func render(_ node: Syntax) -> String {
    if let token = node.as(TokenSyntax.self) { return token.description }
    switch node.kind {
    case .attributeList, .expressionPattern, .enumCaseDecl, .importDecl, .inOutExpr,
      .genericParameterClause, .genericWhereClause, .inheritanceClause, .switchCaseItemList:
      return node.description
    default: break
    }
    if node.as(ExprSyntax.self)?.isType == true { return node.description }
    let name = node.functionName
    if let name { functions.append(name) }
    if node.is(InitializerDeclSyntax.self) { initializerDepth += 1 }
    defer {
      if name != nil { functions.removeLast() }
      if node.is(InitializerDeclSyntax.self) { initializerDepth -= 1 }
    }
    let inner = node.children(viewMode: .sourceAccurate).map { render($0) }.joined()
    if let item = node.as(CodeBlockItemSyntax.self) { return statement(item, inner) }
    guard let expression = node.as(ExprSyntax.self) else { return inner }
    var choices: [(Int, String)] = []
    for mutated in mutations(of: expression) + contextMutations(of: expression) {
      if let number = add(node, node.trimmedDescription, mutated) {
        choices.append((number, mutated))
      }
    }
    guard !choices.isEmpty else { return inner }
    let body = inner.trimmingPrefix(node.leadingTrivia.description)
      .trimmingSuffix(node.trailingTrivia.description)
    let chosen = choices.map { "mutant(\($0.0)) ? (\($0.1)) : " }.joined()
    return "\(node.leadingTrivia)(\(chosen)(\(body)))\(node.trailingTrivia)"
  }

  /// A call or an assignment that may be left out.
  private func statement(_ item: CodeBlockItemSyntax, _ inner: String) -> String {
    guard var expression = item.item.as(ExprSyntax.self) else { return inner }
    if let attempt = expression.as(TryExprSyntax.self) { expression = attempt.expression }
    let operatorText = expression.as(InfixOperatorExprSyntax.self)?.operator.trimmedDescription
    let isAssignment = operatorText.map { assignments[$0] != nil } ?? false
    guard expression.is(FunctionCallExprSyntax.self) || isAssignment else { return inner }
    if isAssignment ? initializerDepth > 0 : item.isValue { return inner }
    var body = inner.trimmingPrefix(item.leadingTrivia.description)
    if let operatorText, let other = assignments[operatorText], !other.isEmpty,
      let infix = expression.as(InfixOperatorExprSyntax.self)
    {
      let mutated = "\(infix.leftOperand.trimmed) \(other) \(infix.rightOperand.trimmed)"
      if let number = add(item, item.trimmedDescription, mutated) {
        body = "if mutant(\(number)) { \(mutated) } else { \(body) }\n"
      }
    }
    if let number = add(item, item.trimmedDescription, "") {
      body = "if mutant(\(number)) {} else { \(body) }\n"
    }
    return "\(item.leadingTrivia)\(body)"
  }

  /// What an expression may become whatever surrounds it.
  private func mutations(of expression: ExprSyntax) -> [String] {
    if let infix = expression.as(InfixOperatorExprSyntax.self) {
      let (left, right) = (infix.leftOperand.trimmed, infix.rightOperand.trimmed)
      let text = infix.operator.trimmedDescription
      if text == "..<" { return ["\(left)..<(\(right)) + 1"] }
      if text == "..." { return ["\(left)...(\(right)) - 1"] }
      // A sort's predicate that is not strict is no predicate: it has no meaning of its own that a test could tell.
      let others = infix.isInSort ? (operators[text] ?? []).filter { $0 != "<=" } : operators[text]
      return (others ?? []).map { "\(left) \($0) \(right)" }
    }
    if let literal = expression.as(IntegerLiteralExprSyntax.self) {
      let digits = literal.trimmedDescription
      return digits == "0" ? ["1"] : ["\(digits) + 1", "\(digits) - 1"]
    }
    if let literal = expression.as(BooleanLiteralExprSyntax.self) {
      return [literal.trimmedDescription == "true" ? "false" : "true"]
    }
    if let prefix = expression.as(PrefixOperatorExprSyntax.self),
      ["!", "-"].contains(prefix.operator.text)
    {
      return ["\(prefix.expression.trimmed)"]
    }
    if let call = expression.as(FunctionCallExprSyntax.self) {
      let callee = call.calledExpression.trimmedDescription
      let parts = callee.split(separator: ".", omittingEmptySubsequences: false)
      if let last = parts.last, let other = calls[String(last)] {
        let rest = call.trimmedDescription.dropFirst(callee.count)
        return [(parts.dropLast() + [other[...]]).joined(separator: ".") + rest]
      }
    }
    if let reference = expression.as(DeclReferenceExprSyntax.self),
      reference.parent?.is(LabeledExprSyntax.self) == true,
      let other = ["min": "max", "max": "min"][reference.trimmedDescription]
    {
      return [other]
    }
    return []
  }

  /// What an expression may become where it stands: a condition that is forced, an optional that is `nil`.
  private func contextMutations(of expression: ExprSyntax) -> [String] {
    guard let parent = expression.parent else { return [] }
    if parent.is(ConditionElementSyntax.self) || parent.is(WhereClauseSyntax.self) {
      return ["true", "false"]
    }
    if parent.as(TernaryExprSyntax.self)?.condition == expression { return ["true", "false"] }
    if parent.is(InitializerClauseSyntax.self),
      parent.parent?.is(OptionalBindingConditionSyntax.self) == true
    {
      return ["nil"]
    }
    let isReturned =
      parent.is(ReturnStmtSyntax.self)
      || parent.as(CodeBlockItemSyntax.self)?.isWholeBody == true
    if isReturned, expression.trimmedDescription != "nil", parent.returnsOptional { return ["nil"] }
    return []
  }
}

let operators: [String: [String]] = [
  "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"],
  "==": ["!="], "!=": ["=="], "&&": ["||"], "||": ["&&"],
  "+": ["-"], "-": ["+"], "*": ["+"], "/": ["*"], "%": ["/"], "&+": ["&-"], "&-": ["&+"],
  "<<": [">>"], ">>": ["<<"], "&": ["|"], "|": ["&"], "^": ["|"],
]
let assignments = [
  "=": "", "+=": "-=", "-=": "+=", "|=": "&=", "&=": "|=", ">>=": "<<=", "<<=": ">>=",
]
let calls = [
  "min": "max", "max": "min", "prefix": "suffix", "suffix": "prefix", "first": "last",
  "dropFirst": "dropLast", "dropLast": "dropFirst", "allSatisfy": "contains",
  "contains": "allSatisfy",
]

extension ExprSyntax {
  /// Whether it stands for a type, as in `[Name: Value]()`.
  var isType: Bool { self.is(TypeExprSyntax.self) || self.is(GenericSpecializationExprSyntax.self) }
}

extension CodeBlockItemSyntax {
  /// Whether it stands alone where it would be the value of what is around it.
  var isValue: Bool {
    guard let list = parent?.as(CodeBlockItemListSyntax.self), list.count == 1,
      let block = list.parent
    else { return false }
    if let function = block.parent?.as(FunctionDeclSyntax.self) {
      return function.signature.returnClause != nil
    }
    return !block.is(CodeBlockSyntax.self)
  }

  /// Whether it is all that a function's or a property's body holds, and so its value.
  var isWholeBody: Bool {
    guard let list = parent?.as(CodeBlockItemListSyntax.self), list.count == 1 else { return false }
    return list.parent?.parent?.is(FunctionDeclSyntax.self) == true
      || list.parent?.is(AccessorBlockSyntax.self) == true
      || list.parent?.parent?.is(AccessorDeclSyntax.self) == true
  }
}

extension SyntaxProtocol {
  /// What a function or a property around the node returns is optional, and the node is in no closure.
  var returnsOptional: Bool {
    var node: Syntax? = Syntax(self)
    while let current = node {
      if current.is(ClosureExprSyntax.self) { return false }
      if let function = current.as(FunctionDeclSyntax.self) {
        return function.signature.returnClause?.type.is(OptionalTypeSyntax.self) == true
      }
      if let property = current.as(PatternBindingSyntax.self) {
        return property.typeAnnotation?.type.is(OptionalTypeSyntax.self) == true
      }
      if let place = current.as(SubscriptDeclSyntax.self) {
        return place.returnClause.type.is(OptionalTypeSyntax.self)
      }
      node = current.parent
    }
    return false
  }

  /// Whether the node is all of a closure that sorts.
  var isInSort: Bool {
    guard let list = parent?.parent?.as(CodeBlockItemListSyntax.self),
      let call = list.parent?.parent?.as(FunctionCallExprSyntax.self)
    else { return false }
    return ["sort", "sorted"].contains(
      call.calledExpression.as(MemberAccessExprSyntax.self)?.declName.baseName.text)
  }

  var functionName: String? {
    let node = Syntax(self)
    if let function = node.as(FunctionDeclSyntax.self) { return function.name.text }
    if node.is(InitializerDeclSyntax.self) { return "init" }
    if node.is(SubscriptDeclSyntax.self) { return "subscript" }
    if let variable = node.as(VariableDeclSyntax.self),
      variable.parent?.is(MemberBlockItemSyntax.self) == true
    {
      return variable.bindings.first?.pattern.trimmedDescription
    }
    return nil
  }
}

extension String {
  func trimmingPrefix(_ prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }

  func trimmingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}

/// The text on one line.
func squeezed(_ text: String) -> String {
  text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

@main struct Mutate {
  static func main() throws {
    let sources = URL(filePath: CommandLine.arguments[1])
    let destination = URL(filePath: CommandLine.arguments[2])
    let files = try FileManager.default.contentsOfDirectory(atPath: sources.path).sorted()
      .filter { $0.hasSuffix(".swift") }
    // What did not compile the last time does not compile now.
    let memory = destination.appending(path: "left-out.txt")
    let known = (try? String(contentsOf: memory, encoding: .utf8)) ?? ""
    var leftOut = Set(known.split(separator: "\n").map(String.init))
    while true {
      let mutants = try write(files, from: sources, to: destination, leavingOut: leftOut)
      let culprits = try diagnose(destination, files: files, mutants: mutants)
      print("\(mutants.count) mutants, \(culprits.count) that do not compile")
      leftOut.formUnion(culprits)
      try write(leftOut.sorted().joined(separator: "\n"), to: memory)
      guard culprits.isEmpty else { continue }
      let lines = mutants.map { "\($0.number)\t\($0.file)\t\($0.line)\t\($0.key)\n" }
      try write(lines.joined(), to: destination.appending(path: "mutants.tsv"))
      return
    }
  }

  /// Writes the files and returns their mutants.
  static func write(
    _ files: [String], from sources: URL, to destination: URL, leavingOut leftOut: Set<String>
  ) throws -> [Mutant] {
    var mutants: [Mutant] = []
    for file in files {
      let text = try String(contentsOf: sources.appending(path: file), encoding: .utf8)
      let tree = try OperatorTable.standardOperators.foldAll(Parser.parse(source: text))
      let renderer = Renderer(
        file: file, tree: tree, leftOut: leftOut, firstNumber: mutants.count + 1)
      try write(renderer.render(tree), to: destination.appending(path: file))
      mutants += renderer.mutants
    }
    let choice = """
      import Glibc

      /// The number of the active mutant, 0 for none.
      private let active = getenv("GLOSS_MUTANT").flatMap { Int(String(cString: $0)) } ?? 0

      @inline(never) public func mutant(_ number: Int) -> Bool { number == active }

      """
    try write(choice, to: destination.appending(path: "Mutant.swift"))
    return mutants
  }

  /// Leaves a file alone that has this text already, so that it is not built anew.
  static func write(_ text: String, to file: URL) throws {
    guard (try? String(contentsOf: file, encoding: .utf8)) != text else { return }
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  /// Compiles as far as the diagnostics, and returns the keys of the mutants that enclose the errors.
  static func diagnose(
    _ folder: URL, files: [String], mutants: [Mutant]
  ) throws -> Set<String> {
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/usr/bin/env")
    compiler.arguments =
      ["swiftc", "-emit-sil", "-wmo", "-o", "/dev/null", "-swift-version", "6", "-suppress-warnings"]
      + ["-module-name", "GlossCore", "-package-name", "gloss", "-parse-as-library"]
      + (files + ["Mutant.swift"]).map { folder.appending(path: $0).path }
    let pipe = Pipe()
    compiler.standardError = pipe
    try compiler.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    compiler.waitUntilExit()
    var culprits: Set<String> = []
    for line in output.split(separator: "\n") where line.contains(": error: ") {
      let parts = line.split(separator: ":", maxSplits: 4)
      guard parts.count > 3, let row = Int(parts[1]), let column = Int(parts[2]) else { continue }
      let text = try String(contentsOfFile: String(parts[0]), encoding: .utf8)
      var numbers = mutantsEnclosing(line: row, column: column, in: text)
      if let match = line.firstMatch(of: /variable '(\w+)' used before/) {
        // The assignment that gives it its first value has to stay.
        numbers = Set(mutants.filter { $0.key.contains("`\(match.1) = ") }.map(\.number))
      }
      if numbers.isEmpty { print("no mutant is to blame:", line) }
      culprits.formUnion(numbers.map { mutants[$0 - 1].key })
    }
    if compiler.terminationStatus != 0 && culprits.isEmpty {
      print(output)
      exit(1)
    }
    return culprits
  }

  /// The mutants of the innermost choice around a place; those of its line where there is none.
  static func mutantsEnclosing(line: Int, column: Int, in text: String) -> Set<Int> {
    let bytes = Array(text.utf8)
    var lineStarts = [0]
    for (index, byte) in bytes.enumerated() where byte == 10 { lineStarts.append(index + 1) }
    let place = lineStarts[line - 1] + column - 1
    let tree = Parser.parse(source: text)
    var node = tree.token(at: AbsolutePosition(utf8Offset: min(place, bytes.count - 1)))
      .map { Syntax($0) }
    while let current = node {
      let source = current.trimmedDescription
      let isChoice = current.is(TupleExprSyntax.self) && source.hasPrefix("(mutant(")
      let isStatement = current.is(IfExprSyntax.self) && source.hasPrefix("if mutant(")
      if isChoice || isStatement {
        // The numbers at the head of the choice, not those of choices within.
        let first = Int(source.drop { $0 != "(" || false }.drop { !$0.isNumber }.prefix { $0.isNumber })
        guard let first else { break }
        var numbers: Set<Int> = [first]
        if isChoice, let sequence = current.as(TupleExprSyntax.self)?.elements.first?.expression {
          // Mutants of one choice are numbered in a row, and stand outside of any inner parentheses.
          for part in sequence.description.matchesAtTopLevel() { numbers.insert(part) }
        }
        return numbers
      }
      node = current.parent
    }
    // A missing return is told of at the closing brace, below the line of the choice.
    for start in [line - 1, line - 2, line - 3] where start >= 0 {
      let row = String(decoding: bytes[lineStarts[start]...].prefix { $0 != 10 }, as: UTF8.self)
      let numbers = row.matches(of: /mutant\((\d+)\)/).compactMap { Int($0.1) }
      if !numbers.isEmpty { return Set(numbers) }
    }
    return []
  }
}

extension String {
  /// The numbers of `mutant(N)` that are in no parentheses.
  func matchesAtTopLevel() -> [Int] {
    var (depth, numbers, current) = (0, [Int](), "")
    for character in self {
      if character == "(" {
        if depth == 0, current.hasSuffix("mutant") { current = "#" } else { current = "" }
        depth += 1
      } else if character == ")" {
        depth -= 1
        if depth == 0, current.hasPrefix("#"), let number = Int(current.dropFirst()) {
          numbers.append(number)
        }
        current = ""
      } else {
        current.append(character)
      }
    }
    return numbers
  }
}
