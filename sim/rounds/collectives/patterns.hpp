#pragma once

#include "sim/rounds/collectives/collective.hpp"

// Each pattern has a function that writes a round, and a picture of it.

namespace laconic::rounds {

inline constexpr char parameter_server_picture[] = R"(
           server <==> w0
           server <==> w1          the model goes down to each worker, and each sends its upload up, all at once
           server <==> w2
)";

inline constexpr char all_gather_picture[] = R"(
      w0 ---> w1 ---> w2 ---> w3        for messages that do not add up. Pattern "ring", M - 1 steps: each worker
       ^                       |        sends its own message, then those that it gets. "doubling", log2 M steps:
       +-----------------------+        pairs at distance 1, 2, 4, ... exchange all that they have. If M is no power
                                        of two, the first M - 2^l odd workers send to their left neighbours before,
      w0 <-> w1   w2 <-> w3             and get all others' after. Every worker then has M messages, decodes them,
      w0 <------> w2, w1 <------> w3    and takes the same step.
)";
void write_all_gather(ScriptWriter& out, const Collective& collective);

inline constexpr char broadcast_picture[] = R"(
  turn 1   server ---------------> w0
  turn 2   server -------> w1      w0 -------> w2            down: whoever has the model passes it on, in
  turn 3   server -> w3  w0 -> w4  w1 -> w5  w2 -> w6        ceil(log2(M+1)) turns
           w0 ... w6 ============> server                    up: each worker to the server
)";
void write_broadcast(ScriptWriter& out, const Collective& collective);

inline constexpr char tree_picture[] = R"(
              server                    the model goes down from parent to children, all at once, and each
             /      \                   worker sends its parent one message up: the sum of its own vector and
           w0        w1                 its children's
          /  \      /  \                Where there are racks (or sites), the first worker of each is its head:
        w2    w3  w4    w5              heads make a tree below the server, each rack one below its head
)";
void write_tree(ScriptWriter& out, const Collective& tree);

inline constexpr char ring_allreduce_picture[] = R"(
      w0 ---> w1 ---> w2 ---> w3        M - 1 steps: each worker sends a chunk of 1/M of the vector, summed so
       ^                       |        far, and adds the one it receives to its own; M - 1 steps: the sums go
       +-----------------------+        round once more. All workers then take the same step.
)";
void write_ring_allreduce(ScriptWriter& out, const Collective& collective);

inline constexpr char hierarchical_picture[] = R"(
   rack 0   w0 --> w1       w2 --> w3   rack 1      1. in each rack, chunks go round its ring and are summed: of h
             ^------+        ^------+                  chunks, h the smallest rack's workers, each ends at its head
            w0 <========> w2                        2. the heads of a chunk, one in each rack, sum it in a ring of
                w1 <========> w3                       their own, all rings at once: 2 (racks - 1) steps
            w0 --> w1       w2 --> w3               3. in each rack, the sums go round once more
)";
void write_hierarchical(ScriptWriter& out, const Collective& collective);

inline constexpr char recursive_doubling_picture[] = R"(
      w0 <-> w1   w2 <-> w3             step 1: pairs exchange what they have and add it up
      w0 <------> w2, w1 <------> w3    step 2: at distance 2; and so on, log2 M steps. If M is no power of two,
                                        the first M - 2^l odd workers send to their left neighbours before, and
                                        get the whole back after. All workers then take the same step.
)";
void write_recursive_doubling(ScriptWriter& out, const Collective& collective);

inline constexpr char halving_doubling_picture[] = R"(
      w0 <-> w1   w2 <-> w3             reduce-scatter: partners at distance 1 exchange a half of the vector and add
      w0 <------> w2, w1 <------> w3    it up, at distance 2 a quarter, ...: each has the sum of one of M chunks.
      w0 <------> w2, w1 <------> w3    all-gather: the same way back, a quarter, then a half. If M is no power of
      w0 <-> w1   w2 <-> w3             two, the first M - 2^l odd workers send to their left neighbours before,
                                        and get the whole back after. All workers then take the same step.
)";
void write_halving_doubling(ScriptWriter& out, const Collective& collective);

}  // namespace laconic::rounds
