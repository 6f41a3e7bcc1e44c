/// What one run of a command cost, all its processes together.
struct Measurement {
  var wallSeconds: Double
  var cpuSeconds: Double
  var peakProportionalMegabytes: Double
}
