#pragma once

namespace laconic::graphs {

inline constexpr char ring_picture[] = R"(
   0 -- 1 -- 2
   |         |
   5 -- 4 -- 3
)";

inline constexpr char path_picture[] = R"(
   0 -- 1 -- 2 -- 3
)";

inline constexpr char star_picture[] = R"(
   1   2   3
    \  |  /
       0
    /  |  \
   6   5   4
)";

inline constexpr char complete_picture[] = R"(
   0 --- 1
   | \ / |
   | / \ |
   3 --- 2
)";

inline constexpr char torus_picture[] = R"(
       |    |    |
    -- 0 -- 1 -- 2 --        12 nodes in 4 rows: what leaves on one side
       |    |    |           comes in on the other
    -- 3 -- 4 -- 5 --
       |    |    |
    -- 6 -- 7 -- 8 --
       |    |    |
    -- 9 - 10 - 11 --
       |    |    |
)";

inline constexpr char exponential_picture[] = R"(
   0 -> 1    2    3    4    5    6    7        M = 8: node 0 sends to 1, 2, 4;
   0 ------> 2                                 node i to i + 1, i + 2, i + 4
   0 ----------------> 4
)";

inline constexpr char one_peer_exponential_picture[] = R"(
   k = 0, 3, 6, ...   0 -> 1    1 -> 2    2 -> 3   ...   7 -> 0        M = 8
   k = 1, 4, 7, ...   0 -> 2    1 -> 3    2 -> 4   ...   7 -> 1
   k = 2, 5, 8, ...   0 -> 4    1 -> 5    2 -> 6   ...   7 -> 3
)";

inline constexpr char regular_picture[] = R"(
   0 --- 1 --- 2
   | \       / |       degree 3, as some seed draws it:
   |   \   /   |       every node has three neighbours
   |     X     |
   |   /   \   |
   | /       \ |
   3 --- 4 --- 5       (and 1 -- 4)
)";

inline constexpr char erdos_renyi_picture[] = R"(
   0 --- 1     4
   |   /     /         each of the M (M - 1) / 2 edges is there, or not
   | /     /
   3 --- 2 --- 5
)";

inline constexpr char small_world_picture[] = R"(
      0 -- 1
    /        \
   7          2        neighbours 2: each edge of the ring has moved its
   |  \       |        far end to any node with probability rewire
   6   \      3
    \   \    /
      5  '- 4
)";

inline constexpr char hierarchical_picture[] = R"(
   1 --- 2         4 --- 5
    \   /           \   /
      0 ------------- 3            racks {0, 1, 2}, {3, 4, 5}, {6, 7}:
       \             /             complete inside, a ring of their heads
        '---- 6 ----'
              |
              7
)";

inline constexpr char file_picture[] = R"(
   # three edges         0 --- 1
   0 1                    \ /         with "directed": true
   1 2                     2          0 -> 1 -> 2 -> 0
   2 0
)";

}  // namespace laconic::graphs
