#pragma once

#include "algorithms/data/sources.hpp"

namespace laconic::data {

/// Windows of `context` symbols of a sequence, one every `stride` of them: n x context numbers, the symbols' codes 0,
/// 1,
/// ..., and as label the code of the symbol that follows. A partition in the file's order gives each worker a stretch
/// of the sequence.
///
/// "text": the bytes of a file; those that occur are numbered in ascending order, and a test set's must be among them.
LoadData text(Params& in, const DataContext& context);

/// "markov-text": a sequence in which the last `order` symbols decide how probable each next one is: in proportion to
/// exp(sharpness z), z standard normal numbers. Its entropy rate, which the mean loss of no predictor falls below in
/// the long run, is in the data's name.
LoadData markov_text(Params& in, const DataContext& context);

/// The entropy rate of such a source, nats a symbol. Row i of `shares`: the probabilities of the next symbol where the
/// last ones, the newest the lowest digit, are the digits of i.
double entropy_rate(const RowMatrix& shares);

}  // namespace laconic::data
