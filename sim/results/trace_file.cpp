#include "sim/results/trace_file.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <new>

#include "algorithms/base/digest.hpp"
#include "algorithms/base/error.hpp"
#include "algorithms/base/input_file.hpp"
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

// Whatever `whole` says, no more memory is taken than the bytes give.
std::string inflated(std::string_view bytes, std::uint64_t whole) {
  constexpr std::uint64_t most_each = 1100;  // DEFLATE makes at most 1032 bytes of one
  if (whole > most_each * (bytes.size() + 1)) throw std::out_of_range("more than can be in it");
  if (whole > unpack_limit(bytes.size()))
    throw InputError(fmt::format("unpacks to {:.4g} MB, more than {:.4g} MB (--unpack allows more, e.g. --unpack 20GB)",
                                 static_cast<double>(whole) / 1e6,
                                 static_cast<double>(unpack_limit(bytes.size())) / 1e6));
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ended(&stream, &inflateEnd);
  std::string out;
  std::size_t size = 0;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    if (size == out.size()) out.resize(std::min<std::size_t>(std::max<std::size_t>(2 * size, 1 << 16), whole + 1));
    const std::size_t given = std::min<std::size_t>(bytes.size(), 1 << 30),
                      room = std::min<std::size_t>(out.size() - size, 1 << 30);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib only reads
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + size);
    stream.avail_in = static_cast<uInt>(given);
    stream.avail_out = static_cast<uInt>(room);
    status = inflate(&stream, Z_NO_FLUSH);
    bytes.remove_prefix(given - stream.avail_in);
    size += room - stream.avail_out;
    if ((status != Z_OK && status != Z_STREAM_END) || size > whole) throw std::out_of_range("cannot be inflated");
  }
  if (size != whole || !bytes.empty()) throw std::out_of_range("cannot be inflated");
  out.resize(size);
  return out;
}

bool is_amount(double flops) { return flops >= 0 && std::isfinite(flops); }

void check(const RoundPlan& plan, std::size_t workers) {
  for (std::size_t i = 0; i < plan.shares.size(); ++i) {
    if (!is_amount(plan.shares[i].flops)) throw std::out_of_range("no amount of work");
    if (plan.shares[i].m < (i > 0 ? plan.shares[i - 1].m + 1 : 0) ||
        static_cast<std::size_t>(plan.shares[i].m) >= workers)
      throw std::out_of_range("a worker that is none");
  }
}

// Every plan, so that what runs later may trust it.
void check(const RecordedRun& run) {
  RoundPlan plan;
  for (std::uint32_t id = 0; id < run.trace.distinct_rounds(); ++id) {
    run.trace.read_plan(id, plan);
    if (!is_amount(plan.server_flops)) throw std::out_of_range("no amount of work");
    check(plan, run.workers);
    for (const RoundPlan& exchange : plan.more) check(exchange, run.workers);
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
  return trace_in(text, path.string());
}

std::vector<RecordedRun> trace_in(std::string_view text, const std::string& where) {
  const auto damaged = [&](const std::string& how) {
    return InputError(fmt::format("{}: {}: run the scenario again", where, how));
  };
  std::vector<RecordedRun> out;
  for (std::string_view rest = text; !rest.empty();) {
    if (!rest.starts_with(mark))
      throw InputError(out.empty() ? fmt::format("{}: expected a trace file, which begins with \"{}\"", where, mark)
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
    } catch (const InputError& e) {
      const std::string words = e.what();
      throw words.starts_with(where) ? e : InputError(fmt::format("{}: {}", where, words));
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception&) {
      throw damaged("damaged");
    }
  }
  if (out.empty()) throw damaged("empty");
  return out;
}

}  // namespace laconic::results
