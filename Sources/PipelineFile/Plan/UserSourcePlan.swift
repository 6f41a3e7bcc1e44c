/// `source: { use: ... }`: a source that the program brings.
package struct UserSourcePlan: Codable, Sendable, Equatable {
  package var use: UsePlan
  /// It never ends by itself.
  package var isEndless: Bool

  package init(use: UsePlan, isEndless: Bool) {
    self.use = use
    self.isEndless = isEndless
  }
}
