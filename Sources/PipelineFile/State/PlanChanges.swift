/// placeholder until merged
package struct PlanChange: Hashable, Sendable {
  package var description: String
}
extension Plan {
  package func changes(since old: Plan) -> [PlanChange] { [] }
}
