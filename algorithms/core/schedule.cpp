#include "algorithms/core/schedule.hpp"

namespace laconic {

Schedule read_schedule(Params& in, const std::string& key, const nlohmann::json& fallback, const char* meaning,
                       const Range& range) {
  const std::string allowed =
      std::string(range.words) +
      ", an expression such as \"1/L\", {\"type\": \"inverse-sqrt\", \"c\": c} for c/sqrt(k+1), or "
      "{\"type\": \"inverse\", \"a\": a, \"b\": b} for a/(k+b)";
  const std::string shown_fallback = fallback.is_null()     ? "required"
                                     : fallback.is_string() ? fallback.get<std::string>()
                                                            : fallback.dump();
  const nlohmann::json* given = in.look(key, shown_fallback, allowed, meaning);
  if (!given && fallback.is_null()) in.fail(key, allowed);
  const nlohmann::json& value = given ? *given : fallback;
  if (!value.is_object()) {
    if (!value.is_number() && !value.is_string()) in.fail(key, allowed);
    return {Schedule::Kind::constant, evaluated(value, in.where(key), range, in.constants(), given != nullptr), 0};
  }
  Params law(value, in.file(), in.pointer_of(key), in.constants());
  Schedule out;
  if (law.choice("type", {}, {"inverse-sqrt", "inverse"}, "the law of decrease") == "inverse-sqrt") {
    out = {Schedule::Kind::inverse_sqrt, law.expression("c", nullptr, positive, "gamma_k = c / sqrt(k + 1)"), 0};
  } else {
    const double a = law.expression("a", nullptr, positive, "gamma_k = a / (k + b)");
    out = {Schedule::Kind::inverse, a, law.expression("b", nullptr, positive, "gamma_k = a / (k + b)")};
  }
  law.finish("this step schedule");
  return out;
}

}  // namespace laconic
