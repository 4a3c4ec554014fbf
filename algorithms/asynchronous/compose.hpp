#pragma once

#include <functional>

#include "algorithms/core/asynchronous.hpp"
#include "algorithms/methods/compose.hpp"

namespace laconic::asynchronous {

/// The server's model and how it steps.
struct Model {
  Vector theta;
  Round k = 0;  ///< the version: how many updates there were
  std::unique_ptr<Update> update;

  /// theta -= gamma_k G, or what another update makes of a direction; k += 1.
  void step(const Vector& G) { update->apply(k++, theta, G); }
};

/// An upload that is taken.
struct Upload {
  int m;
  Round tau;        ///< the staleness of its model
  const Vector& c;  ///< as decoded, times M if f is a sum: it estimates grad f; with local steps, how far m moved
  const Vector* v;  ///< the model it was computed at, as the server sent it; nullptr unless Rule::needs_models()
};

/// Whom the server answers. Who is not named waits.
class Answers {
 public:
  virtual ~Answers() = default;
  virtual void model(int m) = 0;  ///< it gets the model (a notice, if it holds that)
  virtual void go_on(int m) = 0;  ///< a notice: it goes on with the model that it holds
};

/// What an asynchronous method does when an upload arrives.
class Rule {
 public:
  virtual ~Rule() = default;
  /// Whether an upload is taken; else it is thrown away, and its worker gets the model.
  virtual bool accepts(Round tau) const { return (void)tau, true; }
  virtual void take(const Upload& u, Model& model, Answers& answers) = 0;
  /// Worker m has nothing new to say. Called only for those that `admits_silence()`.
  virtual void take_silence(int m, Model& model, Answers& answers) { (void)m, (void)model, (void)answers; }
  virtual bool admits_silence() const { return false; }
  virtual bool needs_models() const { return false; }
};

/// How many workers compute at a time, and whether an entry says so.
struct Concurrency {
  int busy;
  bool all(int M) const { return busy == M; }
};

/// Throws InputError for what an entry or a scenario has that makes sense in rounds alone.
void refuse_rounds(const Setup& s, Params& in);
/// Reads "concurrency".
Concurrency read_concurrency(const Setup& s, Params& in);
/// For methods that wait for every worker. Throws InputError if the entry has a "concurrency".
void refuse_concurrency(Params& in, const char* why);

/// Throws InputError if decoding the compressor's messages takes time.
void refuse_decoding(Params& in, const Compressor& compressor);

/// Reads the entry's slots and builds workers and server around the rule. Throws InputError for what cannot be
/// combined, and says why. `rho`: LocalSteps::rho.
AsynchronousMethod compose(const Setup& s, Params& in, methods::Defaults defaults, Concurrency concurrency,
                           std::unique_ptr<Rule> rule, double rho = 0);

/// One line of the table of asynchronous methods.
struct AsynchronousEntry {
  const char* name;
  AsynchronousMethod (*make)(const Setup& setup, Params& in);
  const methods::MethodDoc& doc;
};

}  // namespace laconic::asynchronous
