#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/base/params.hpp"
#include "algorithms/base/threads.hpp"
#include "algorithms/core/oracle.hpp"

namespace laconic {

/// sum: f = sum_m f_m; mean: f = (1/M) sum_m f_m. The same word says how a worker reduces its samples.
enum class Reduction { sum, mean };

struct Minimum {
  Vector theta;
  double value;
  double rounding;  ///< how far below it rounding alone may take a loss
};

/// A part of theta that belongs together, e.g. a layer's weights: rows x cols entries from `offset`, row by row.
struct ParameterBlock {
  std::string name;
  Index offset = 0, rows = 0, cols = 0;
  std::vector<Index> shape = {};  ///< of more than two dimensions, or fewer; empty: {rows, cols}
  double cost = 0;                ///< what it costs in a backward pass, in any unit that all blocks share; 0: not known
};

/// A block as a training step meets it. The backward pass goes through layers in reverse order, and a layer's gradient
/// is ready when its share of the pass is over.
struct Layer {
  std::string name;
  std::vector<Index> shape;  ///< of its parameters: their product is `size`
  Index offset = 0, size = 0;
  double backward = 0;  ///< its share of the backward pass's time; those of all layers add up to 1
};

/// A problem that is nothing but work: its gradients are noise, and nothing is learned.
struct Workload {
  double seconds = 0;  ///< of one gradient, on any host; 0: as long as its flops take
};

/// What is minimised: the workers' local objectives and the constants methods ask for.
struct Problem {
  Index d = 0;
  Reduction objective = Reduction::sum;
  std::vector<std::unique_ptr<Oracle>> workers;  ///< f_0, ..., f_{M-1}
  double L = 0;                                  ///< smoothness of f; 0 where it is not known
  std::vector<double> L_m;                       ///< smoothness of each f_m; empty where it is not known
  /// Finds L and L_m, which takes time; empty where they are known or cannot be.
  std::function<void(Problem& p)> smoothness;
  std::optional<double> optimum;  ///< min f, where it is known and was asked for
  Vector minimiser;               ///< where f is that; empty if optimum is
  double optimum_rounding = 0;    ///< how far below min f rounding alone may take a loss
  std::string no_optimum;         ///< why min f was asked for and is not known, as "/pointer: ..."
  /// Share of samples a model classifies rightly, of the test set if there is one, else of the training samples; empty
  /// where the word has no meaning.
  std::function<double(const Vector& theta)> accuracy;
  std::vector<ParameterBlock> blocks;  ///< the blocks of theta, in order; empty: one of d x 1
  double forward = 1.0 / 3;            ///< share of a gradient's computing time before its backward pass begins
  std::optional<Workload> workload;    ///< absent: it learns
  Vector start;                        ///< theta^0 unless an entry says otherwise; empty: 0
  /// What besides Laconic computes it, on which the last digits depend: names and versions.
  std::vector<std::pair<std::string, std::string>> libraries;
  bool concurrent = true;  ///< whether several workers' oracles may be asked at the same time

  int M() const { return static_cast<int>(workers.size()); }
  void set_minimum(Minimum minimum) {
    optimum = minimum.value;
    minimiser = std::move(minimum.theta);
    optimum_rounding = minimum.rounding;
  }
  bool smooth() const { return !L_m.empty(); }  ///< L and L_m are known
  /// Finds L and L_m, if they are not known and can be.
  void find_smoothness() {
    if (const auto find = std::exchange(smoothness, {})) find(*this);
  }
  double L_max() const;
  /// The blocks, or theta as one, in order. Where no block's cost is known, backward time is shared by entries.
  std::vector<Layer> layers() const;
  /// f(theta), and grad f if asked for, added up in worker order.
  double loss(const Vector& theta, Vector* gradient = nullptr) const;
  /// f(theta), and grad f if asked for, computed on several threads; the sum is formed in worker order.
  double loss(const Vector& theta, Vector* gradient, ThreadTeam& team) const;
};

/// Has the workers remember grad f_m where a row was written: one who receives the model as it was measured, which a
/// wire of float32 rounds, need not compute it anew. Those of less than 10 samples compute as fast as they remember.
void remember_gradients(Problem& p);

/// The weight of a sample's loss in f_m(theta; xi), n samples in all.
inline double sample_weight(Reduction reduction, const Batch& xi, Index n) {
  if (reduction == Reduction::mean) return 1.0 / static_cast<double>(xi.size);
  return xi.full ? 1.0 : static_cast<double>(n) / static_cast<double>(xi.size);
}

/// Reads "sum" or "mean".
Reduction read_reduction(Params& in, const char* key, const char* fallback, const char* meaning);

}  // namespace laconic
