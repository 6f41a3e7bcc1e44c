import PipelineFile

/// A value of a pipeline that is written in Swift, as a literal: what a file has behind a key.
///
/// ```swift
/// ["workers": 2, "restart": ["max": 10, "within": "1m"]]
/// ```
public enum PipelineValue: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A text, a time or a size, a jq program.
  case text(String)
  /// A whole number.
  case integer(Int)
  /// A number with a fraction.
  case number(Double)
  /// `true` or `false`.
  case flag(Bool)
  /// A list.
  case list([PipelineValue])
  /// A mapping, in this order.
  case map([(key: String, value: PipelineValue)])

  /// A text.
  public init(stringLiteral text: String) { self = .text(text) }

  /// A whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }

  /// A number with a fraction.
  public init(floatLiteral value: Double) { self = .number(value) }

  /// `true` or `false`.
  public init(booleanLiteral value: Bool) { self = .flag(value) }

  /// A list.
  public init(arrayLiteral items: PipelineValue...) { self = .list(items) }

  /// A mapping.
  public init(dictionaryLiteral entries: (String, PipelineValue)...) {
    self = .map(entries.map { (key: $0.0, value: $0.1) })
  }

  func node(at position: SourcePosition) -> SettingNode {
    let content: SettingNode.Content =
      switch self {
      case .text(let text): .text(text, isPlain: false)
      case .integer(let value): .text("\(value)", isPlain: true)
      case .number(let value): .text("\(value)", isPlain: true)
      case .flag(let value): .text("\(value)", isPlain: true)
      case .list(let items): .list(items.map { $0.node(at: position) })
      case .map: .map(entries(at: position))
      }
    return SettingNode(content, position: position)
  }

  /// The entries of a mapping; of anything else, none.
  func entries(at position: SourcePosition) -> [SettingNode.Entry] {
    guard case .map(let entries) = self else { return [] }
    return entries.map {
      SettingNode.Entry(key: $0.key, keyPosition: position, value: $0.value.node(at: position))
    }
  }
}
