#include "sim/results/trace_file.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>

#include "algorithms/base/digest.hpp"
#include "algorithms/base/error.hpp"
#include "sim/results/byte_stream.hpp"

namespace laconic::results {

using namespace rounds;

namespace {

constexpr std::string_view mark = "laconic trace ";
constexpr std::uint64_t version = 1;

std::string digest_of_section(std::string_view sizes, std::string_view bytes) {
  Digest digest;
  digest.add(sizes);
  digest.add(bytes);
  return digest.hex();
}

std::string sizes_of(std::uint64_t stored, std::uint64_t whole) {
  return fmt::format("{} {} {}", version, stored, whole);
}

std::string deflated(const std::string& bytes) {
  std::string out(compressBound(bytes.size()), '\0');
  uLongf size = out.size();
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(),
                Z_DEFAULT_COMPRESSION) != Z_OK)
    throw RunError("cannot compress a trace: out of memory");
  out.resize(size);
  return out;
}

std::string inflated(std::string_view bytes, std::uint64_t whole) {
  std::string out(whole, '\0');
  uLongf size = out.size();
  const int status = uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                                reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  if (status != Z_OK || size != whole) throw std::out_of_range("cannot be inflated");
  return out;
}

// Every plan, so that what runs later may trust it.
void check(const RecordedRun& run) {
  RoundPlan plan;
  for (Round k = 0; k < run.trace.rounds(); ++k) {
    run.trace.read_round(k, plan);
    for (std::size_t i = 0; i < plan.shares.size(); ++i)
      if (plan.shares[i].m < (i > 0 ? plan.shares[i - 1].m + 1 : 0) ||
          static_cast<std::size_t>(plan.shares[i].m) >= run.workers)
        throw std::out_of_range("a worker that is none");
  }
}

RecordedRun run_in(std::string_view bytes, std::uint64_t whole) {
  const std::string text = inflated(bytes, whole);
  ByteReader in(text);
  RecordedRun run;
  run.label = in.text();
  run.learned = in.text();
  run.workers = static_cast<std::size_t>(in.number());
  run.trace = Trace::unpacked(in.text());
  if (!in.at_end()) throw std::out_of_range("bytes beyond the end");
  check(run);
  return run;
}

// Takes a number and the space or end behind it.
std::uint64_t take_number(std::string_view& line) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
  if (error != std::errc{} || (end != line.data() + line.size() && *end != ' ')) throw std::out_of_range("no number");
  line.remove_prefix(std::min(line.size(), static_cast<std::size_t>(end - line.data()) + 1));
  return value;
}

}  // namespace

std::string trace_section(const RecordedRun& run) {
  ByteWriter out;
  out.text(run.label);
  out.text(run.learned);
  out.number(run.workers);
  out.text(run.trace.packed());
  const std::string whole = out.take(), bytes = deflated(whole), sizes = sizes_of(bytes.size(), whole.size());
  return fmt::format("{}{} {}\n", mark, sizes, digest_of_section(sizes, bytes)) + bytes;
}

std::vector<RecordedRun> read_trace(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad())
    throw InputError(fmt::format("{}: cannot read: {}", path.string(), std::strerror(errno)));
  const auto damaged = [&](const std::string& how) {
    return InputError(fmt::format("{}: {}: run the scenario again", path.string(), how));
  };
  std::vector<RecordedRun> out;
  for (std::string_view rest = text; !rest.empty();) {
    if (!rest.starts_with(mark))
      throw InputError(out.empty()
                           ? fmt::format("{}: expected a trace file, which begins with \"{}\"", path.string(), mark)
                           : damaged("damaged").what());
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(mark.size(), end == rest.npos ? end : end - mark.size());
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    try {
      const std::uint64_t given = take_number(line);
      if (given != version)
        throw damaged(
            fmt::format("written in format {} by another version of Laconic, this one reads {}", given, version));
      const std::uint64_t stored = take_number(line), whole = take_number(line);
      if (rest.size() < stored) throw damaged(fmt::format("ends {} bytes too soon", stored - rest.size()));
      const std::string_view bytes = rest.substr(0, stored);
      rest.remove_prefix(stored);
      if (line != digest_of_section(sizes_of(stored, whole), bytes)) throw damaged("damaged: its digest is another");
      out.push_back(run_in(bytes, whole));
    } catch (const InputError&) {
      throw;
    } catch (const std::exception&) {
      throw damaged("damaged");
    }
  }
  if (out.empty()) throw damaged("empty");
  return out;
}

}  // namespace laconic::results
