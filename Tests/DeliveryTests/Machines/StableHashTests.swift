import Delivery
import Testing

/// Vectors made with the Python package `xxhash` (`xxh64(bytes, seed=0)`) over little-endian words.
@Suite struct StableHashTests {
  @Test(
    arguments: [
      ([], 0xef46_db37_51d8_e999),
      ([0], 0x34c9_6acd_cadb_1bbb),
      ([1], 0x9f29_cb17_a2a4_9995),
      ([0x0123_4567_89ab_cdef], 0xea3c_5208_1e98_43ec),
      ([0, 1 << 16], 0xfebe_d86e_bbec_7752),
      ([.max, 0], 0x26d8_9ce2_6c66_944f),
      ([0x1122_3344_5566_7788, 0x3_0002_0001], 0xec9f_444e_21cf_651e),
      ([1, 2, 3], 0x8799_e152_e5c0_cdfa),
      ([.max, .max, .max], 0x5df4_35eb_7884_adb6),
    ] as [([UInt64], UInt64)])
  func isXXH64(words: [UInt64], expected: UInt64) {
    var hash = StableHash()
    for word in words { hash.combine(word) }
    #expect(hash.finish() == expected)
  }

  @Test func branchesAreDerivedFromTheEdge() {
    #expect(Branch.root.crossing(from: 0, to: 1).rawValue == 0xfebe_d86e_bbec_7752)
    #expect(Branch.root.crossing(from: 0, to: 1).crossing(from: 1, to: 2).rawValue == 0x29b6_10fe_9e3e_6826)
    #expect(Branch.root.crossing(from: 0, to: 1, part: 1).rawValue == 0xcb20_e809_b137_17a8)
    #expect(Branch.root.crossing(from: 0, to: 2).rawValue == 0x9705_d49c_0d3d_e578)
  }
}
