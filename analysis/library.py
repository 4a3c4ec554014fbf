"""Plotly.js, as python3-plotly carries it, without what a report does not draw."""

from __future__ import annotations

import functools
import re

from plotly.offline import get_plotlyjs

TRACES = ("heatmap", "contour")  # what is drawn beside curves, which are part of the core

HEAD = re.compile(r"(\d+):\[function\(_dereq_,module,exports\)\{")
NEEDS = re.compile(r"\},\{([^{}]*)\}\]\Z")
TAIL = re.compile(r"\},\{\},\[(\d+)\]\)\(\1\)\s*\}\);?\s*\Z")
REGISTERED = re.compile(r"\n\s*_dereq_\('\./(\w+)'\),")


@functools.cache
def plotly() -> str:
    whole = get_plotlyjs()
    return what_is_drawn(whole) or whole


def what_is_drawn(whole: str) -> str | None:
    """The modules that the core and TRACES need; None for a build of another form than Debian's.

    That is Browserify's: modules stand one behind the other as `number:[function, {"name": number}]`, and the one that
    is called in the end registers the kinds of traces, a line each.
    """
    tail, heads = TAIL.search(whole), list(HEAD.finditer(whole))
    if not tail or not heads:
        return None
    ends = [*(head.start() for head in heads[1:]), tail.start()]
    modules = {head[1]: whole[head.start() : end].rstrip(",\n") for head, end in zip(heads, ends)}
    entry = tail[1]
    if entry not in modules or "_dereq_('./core')" not in modules[entry]:
        return None
    modules[entry] = REGISTERED.sub(lambda line: line[0] if line[1] in TRACES else "", modules[entry])
    reached, waiting = {entry}, [entry]
    while waiting:
        number = waiting.pop()
        needs = NEEDS.search(modules[number])
        if not needs:
            return None
        for name, other in re.findall(r'"([^"]+)":(\d+)', needs[1]):
            if number == entry and f"_dereq_('{name}')" not in modules[entry]:
                continue
            if other not in modules:
                return None
            if other not in reached:
                reached.add(other)
                waiting.append(other)
    body = ",".join(text for number, text in modules.items() if number in reached)
    return whole[: heads[0].start()] + body + whole[tail.start() :]
