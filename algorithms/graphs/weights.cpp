#include "algorithms/graphs/weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "algorithms/base/error.hpp"
#include "algorithms/base/named_table.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/graphs/facts.hpp"

namespace laconic::graphs {
namespace {

// The phase without weights: `in` holds who sends, each with weight 0.
Phase unweighted(const Lists& out) {
  Phase phase{out, std::vector<std::vector<Phase::Neighbour>>(out.size()), std::vector<double>(out.size(), 1)};
  for (std::size_t i = 0; i < out.size(); ++i)
    for (const int j : out[i]) phase.in[static_cast<std::size_t>(j)].push_back({static_cast<int>(i), 0});
  return phase;
}

bool one_way(const Phase& phase) {
  for (std::size_t i = 0; i < phase.out.size(); ++i)
    if (!std::equal(phase.out[i].begin(), phase.out[i].end(), phase.in[i].begin(), phase.in[i].end(),
                    [](int j, const Phase::Neighbour& n) { return j == n.node; }))
      return true;
  return false;
}

Graph unweighted(std::string kind, const std::vector<Lists>& phases) {
  Graph graph{std::move(kind), "", false, {}};
  for (const auto& out : phases) {
    graph.phases.push_back(unweighted(out));
    graph.directed |= one_way(graph.phases.back());
  }
  return graph;
}

void weigh(Phase& phase, const WeightRule& rule) {
  std::size_t most = 0;
  for (const auto& in : phase.in) most = std::max(most, in.size());
  for (std::size_t i = 0; i < phase.in.size(); ++i) {
    double sum = 0;
    for (auto& n : phase.in[i]) {
      n.weight = rule.of(phase.in[i].size(), phase.in[static_cast<std::size_t>(n.node)].size(), most);
      sum += n.weight;
    }
    phase.own[i] = 1 - sum;
  }
}

double inverse(std::size_t degree) { return 1 / (1 + static_cast<double>(degree)); }

// W as it is given, an entry at a time.
class Matrix {
 public:
  Matrix(const nlohmann::json& rows, std::string where, std::size_t M) : rows_(rows), where_(std::move(where)), M_(M) {
    if (rows.size() != M) refuse("", fmt::format("expected {} rows, one for each worker, got {}", M, rows.size()));
    for (std::size_t i = 0; i < M; ++i) check_row(i);
  }

  double at(std::size_t i, std::size_t j) const { return rows_[i][j].get<double>(); }

  // Takes the weights of a row's edges from the matrix.
  void fill(Phase& phase, std::size_t i) const {
    phase.own[i] = at(i, i);
    auto next = phase.in[i].begin();
    for (std::size_t j = 0; j < M_; ++j) {
      if (j == i) continue;
      const bool edge = next != phase.in[i].end() && next->node == static_cast<int>(j);
      const double w = at(i, j);
      if (w != 0 && !edge)
        refuse(fmt::format("/{}/{}", i, j), fmt::format("expected 0, as {} does not send to {}, got {}", j, i, w));
      if (w == 0 && edge)
        refuse(fmt::format("/{}/{}", i, j), fmt::format("expected a weight that is not 0, as {} sends to {}", j, i));
      if (edge) (next++)->weight = w;
    }
  }

  [[noreturn]] void refuse(const std::string& pointer, const std::string& what) const {
    throw InputError(where_ + pointer + ": " + what);
  }

 private:
  void check_row(std::size_t i) const {
    const auto& row = rows_[i];
    const std::string pointer = fmt::format("/{}", i);
    if (!row.is_array() || row.size() != M_)
      refuse(pointer, fmt::format("expected a list of {} numbers, one for each worker, got {}", M_,
                                  row.is_array() ? fmt::format("{} of them", row.size()) : shown(row)));
    double sum = 0;
    for (std::size_t j = 0; j < M_; ++j) {
      if (!row[j].is_number() || !std::isfinite(row[j].get<double>()))
        refuse(fmt::format("/{}/{}", i, j), fmt::format("expected a number, got {}", shown(row[j])));
      sum += row[j].get<double>();
    }
    if (!(std::abs(sum - 1) <= weights_tolerance))
      refuse(pointer, fmt::format("expected weights that sum to 1, got {:.12g}", sum));
  }

  const nlohmann::json& rows_;
  std::string where_;
  std::size_t M_;
};

// Whether powers of the matrix converge to equal rows for a reason that needs no eigenvalues: on a connected graph,
// when no weight is negative and some node hears itself.
bool surely_mixes(const Phase& phase) {
  bool negative = false, own = false;
  for (std::size_t i = 0; i < phase.own.size(); ++i) {
    own |= phase.own[i] > 0;
    negative |= phase.own[i] < 0;
    for (const auto& n : phase.in[i]) negative |= n.weight < 0;
  }
  return own && !negative;
}

Graph by_matrix(const Params& in, Graph graph, const nlohmann::json& rows) {
  if (!graph.fixed())
    in.refuse("weights",
              fmt::format("graph \"{}\" changes from round to round, and one matrix does not fit all of them: "
                          "expected a rule's name",
                          graph.kind));
  graph.weights = "matrix";
  Phase& phase = graph.phases.front();
  const Matrix W(rows, in.where("weights"), phase.own.size());
  for (std::size_t i = 0; i < phase.own.size(); ++i) W.fill(phase, i);
  if (surely_mixes(phase)) return graph;
  if (const auto gap = spectral_gap(graph); gap && !(*gap > weights_tolerance))
    W.refuse("", fmt::format("mixing with these weights does not lead to consensus: its second eigenvalue is of size "
                             "{:.6g}, and must be below 1",
                             1 - *gap));
  return graph;
}

}  // namespace

std::span<const WeightRule> weight_rules() {
  using Degree = std::size_t;
  static const WeightRule table[] = {
      {"in-degree", true, [](Degree i, Degree, Degree) { return inverse(i); }, "1/(1 + in-degree of i)"},
      {"metropolis", false, [](Degree i, Degree j, Degree) { return inverse(std::max(i, j)); },
       "1/(1 + max(degree of i, degree of j))"},
      {"uniform", true, [](Degree, Degree, Degree most) { return inverse(most); }, "1/(1 + greatest in-degree)"},
  };
  return table;
}

Graph weighted(std::string kind, const std::vector<Lists>& phases, const WeightRule& rule) {
  Graph graph = unweighted(std::move(kind), phases);
  graph.weights = rule.name;
  for (auto& phase : graph.phases) weigh(phase, rule);
  return graph;
}

const nlohmann::json* look_at_weights(Params& in) {
  return in.look("weights", "metropolis, and in-degree on directed graphs",
                 quoted_choices(names_of(weight_rules())) + ", or W as M lists of M numbers",
                 "what node i gives the vector of neighbour j: metropolis 1/(1 + max(deg i, deg j)), uniform "
                 "1/(1 + max deg), in-degree 1/(1 + deg i); i's own is what is left of 1");
}

Graph read_weights(Params& in, std::string kind, const std::vector<Lists>& phases) {
  const auto names = names_of(weight_rules());
  const auto* given = look_at_weights(in);
  Graph graph = unweighted(std::move(kind), phases);
  if (given && given->is_array()) return by_matrix(in, std::move(graph), *given);
  const auto name = graph.directed ? "in-degree" : "metropolis";
  if (given && !given->is_string()) in.fail("weights", quoted_choices(names) + ", or W as M lists of M numbers");
  const auto& rule = *find(weight_rules(), in.choice("weights", name, names, "weights"));
  if (graph.directed && !rule.directed)
    in.refuse("weights", fmt::format("\"{}\" is for edges that run both ways, and some of graph \"{}\" run one way: "
                                     "expected \"in-degree\" or \"uniform\"",
                                     rule.name, graph.kind));
  graph.weights = rule.name;
  for (auto& phase : graph.phases) weigh(phase, rule);
  return graph;
}

}  // namespace laconic::graphs
