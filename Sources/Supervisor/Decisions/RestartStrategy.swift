/// Who is restarted together with a worker that died. The names are Erlang/OTP's.
package enum RestartStrategy: Hashable, Sendable {
  case oneForOne
  /// With it, the workers that were started after it because they rely on it: those of the stages that feed
  /// its stage, directly or not. Workers of its own stage go on.
  case restForOne
  case oneForAll
}
