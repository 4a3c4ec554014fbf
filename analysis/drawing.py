"""Platforms drawn as they are: racks behind uplinks, rings, groups of routers, stations in the air."""

from __future__ import annotations

import html
from typing import Any

from analysis.quantities import in_words

WIDTH = 800
MOST = 64  # nodes: more are no picture
SERVER, WORKER, SWITCH, FREE = "#f6dcc0", "#dbe7f3", "#e8e8e8", "#ffffff"
INK = "#33475b"


def drawing(platform: dict[str, Any], workers: int) -> str:
    """An <svg> of a platform block as the scenario has it; nothing for types without a drawing, or too large."""
    draw = {"two-tier": racks, "torus": torus, "dragonfly": dragonfly, "wifi": air}.get(str(platform.get("type")))
    try:
        parts, height = draw(platform, workers) if draw else ("", 0)
    except (KeyError, TypeError, ValueError, IndexError):  # a block that is no longer as the schema has it
        return ""
    if not parts:
        return ""
    label = html.escape(f"the platform: {platform['type']}, a server and {workers} workers")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" style="width:{WIDTH}px;'
        f'max-width:100%;height:auto;font-family:Helvetica,Arial,sans-serif" fill="#1d2733" role="img" '
        f'aria-label="{label}">{parts}</svg>'
    )


def words(x: float, y: float, text: str, size: int = 12, anchor: str = "middle", weight: str = "normal") -> str:
    look = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}"'
    return f'<text x="{x:.0f}" y="{y:.0f}" {look}>{html.escape(text)}</text>'


def box(x: float, y: float, width: float, height: float, fill: str, text: str = "", size: int = 12) -> str:
    shape = (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="4" fill="{fill}" stroke="{INK}"/>'
    )
    return shape + (words(x + width / 2, y + height / 2 + 0.35 * size, text, size) if text else "")


def line(x0: float, y0: float, x1: float, y1: float, width: float = 1.5) -> str:
    return f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" stroke="#5b7083" stroke-width="{width}" fill="none"/>'


def links(platform: dict[str, Any], bandwidth: str, latency: str) -> str:
    """10 Gbps, 10 µs"""
    return ", ".join(told(platform.get(key, usual)) for key, usual in (("bandwidth", bandwidth), ("latency", latency)))


def told(value: Any) -> str:
    return f"{len(value)} values" if isinstance(value, list) and len(value) > 3 else in_words(value)


def node(number: int, server: int, workers: int) -> tuple[str, str]:
    """Fill and name of a torus's or dragonfly's node: the server, the workers around it in order, and free ones."""
    if number == server:
        return SERVER, "server"
    own = number - (number > server)
    return (WORKER, str(own)) if own < workers else (FREE, "")


def racks(platform: dict[str, Any], workers: int) -> tuple[str, int]:
    count, home = int(platform["racks"]), platform.get("server", "core")
    if count > 12 or workers > MOST:
        return "", 0
    shares = [sum(worker * count // workers == rack for worker in range(workers)) for rack in range(count)]
    pitch, deep = WIDTH / count, max(shares) + 1
    ratio = platform.get("oversubscription", 1)
    uplink = (
        f"uplinks: {told(platform['uplink_bandwidth'])}"
        if "uplink_bandwidth" in platform
        else f"uplinks: what the rack's links carry, divided by {told(ratio)}"
        if ratio != 1
        else "uplinks: all that the rack's links carry"
    )
    out = box(WIDTH / 2 - 60, 40, 120, 26, SWITCH, "core switch")
    if home == "core":
        out += line(WIDTH / 2 + 60, 53, WIDTH / 2 + 150, 53) + box(WIDTH / 2 + 150, 38, 90, 30, SERVER, "server")
    first = 0
    for rack, share in enumerate(shares):
        left, middle = rack * pitch + 0.08 * pitch, (rack + 0.5) * pitch
        out += line(WIDTH / 2, 66, middle, 130, 3 if ratio == 1 else 1.5)
        out += box(left, 150, 0.84 * pitch, 24 * deep + 16, "#f7f9fb") + box(
            left, 130, 0.84 * pitch, 24, SWITCH, f"rack {rack}"
        )
        inside = [(WORKER, str(first + number)) for number in range(share)]
        for place, (fill, name) in enumerate([(SERVER, "server")] * (home == rack) + inside):
            out += box(left + 8, 162 + 24 * place, 0.84 * pitch - 16, 19, fill, name, 11)
        first += share
    out += words(WIDTH / 2, 20, f"{uplink}, {told(platform.get('uplink_latency', '10us'))}")
    bottom = 150 + 24 * deep + 16
    out += words(WIDTH / 2, bottom + 22, f"each worker's link: {links(platform, '10Gbps', '10us')}")
    return out, bottom + 34


def torus(platform: dict[str, Any], workers: int) -> tuple[str, int]:
    sizes = [int(size) for size in platform["dimensions"]]
    across, down, more = sizes[0], (sizes + [1])[1], sizes[2:]
    if across * down > MOST or across > 12 or any(size > 1 for size in more):
        return "", 0
    side = min(70.0, (WIDTH - 60) / across)
    left, server = (WIDTH - side * across) / 2, int(platform.get("server", 0))
    out = ""
    for y in range(down):
        for x in range(across):
            middle_x, middle_y = left + side * (x + 0.5), 30 + 46 * (y + 0.5)
            # Links to the right and downwards; those that close a ring leave the picture and come back.
            if across > 1:
                out += line(middle_x, middle_y, middle_x + side / (1 if x + 1 < across else 1.6), middle_y)
                out += line(middle_x - side / 1.6, middle_y, middle_x, middle_y) if x == 0 and across > 2 else ""
            if down > 1:
                out += line(middle_x, middle_y, middle_x, middle_y + (46 if y + 1 < down else 30))
                out += line(middle_x, middle_y - 30, middle_x, middle_y) if y == 0 and down > 2 else ""
    for number in range(across * down):
        x, y = number % across, number // across
        fill, name = node(number, server, workers)
        out += box(left + side * (x + 0.5) - 22, 30 + 46 * (y + 0.5) - 12, 44, 24, fill, name, 11)
    bottom = 30 + 46 * down + 34
    out += words(WIDTH / 2, bottom, f"each row and column is a ring; every link: {links(platform, '10Gbps', '1us')}")
    return out, bottom + 12


def dragonfly(platform: dict[str, Any], workers: int) -> tuple[str, int]:
    groups, chassis, routers, nodes = (int(platform[key]) for key in ("groups", "chassis", "routers", "nodes"))
    if groups > 6 or groups * chassis * routers * nodes > MOST or nodes > 4:
        return "", 0
    pitch, server = WIDTH / groups, int(platform.get("server", 0))
    row = 24 + 20 * nodes
    out, top = "", 44 + 14 * (groups > 1)
    for one in range(groups):  # all to all: arcs above the groups
        for other in range(one + 1, groups):
            x0, x1 = (one + 0.5) * pitch, (other + 0.5) * pitch
            out += f'<path d="M{x0:.0f} {top}Q{(x0 + x1) / 2:.0f} {top - 24 - 14 * (other - one)} {x1:.0f} {top}" '
            out += 'stroke="#5b7083" stroke-width="1.5" fill="none"/>'
    for group in range(groups):
        left, wide = group * pitch + 6, pitch - 12
        out += box(left, top, wide, 22 + row * chassis, "#f7f9fb") + words(left + wide / 2, top + 15, f"group {group}")
        step = wide / routers
        for shelf in range(chassis):
            y = top + 22 + row * shelf
            out += line(left + step / 2, y + 9, left + wide - step / 2, y + 9)
            for router in range(routers):
                x = left + step * router + 3
                if shelf + 1 < chassis:
                    out += line(x + step / 2 - 3, y + 9, x + step / 2 - 3, y + row)
                out += box(x, y, step - 6, 18, SWITCH, "r", 10)
                for place in range(nodes):
                    number = ((group * chassis + shelf) * routers + router) * nodes + place
                    fill, name = node(number, server, workers)
                    out += box(
                        x + 2,
                        y + 20 + 20 * place,
                        step - 10,
                        17,
                        fill,
                        name if step > 52 or name != "server" else "s",
                        10,
                    )
    bottom = top + 22 + row * chassis + 24
    told_of = "groups all to all; in a group, routers of a chassis and the same ones of all chassis"
    out += words(WIDTH / 2, bottom, f"{told_of}; every link: {links(platform, '10Gbps', '1us')}")
    return out, bottom + 12


def air(platform: dict[str, Any], workers: int) -> tuple[str, int]:
    if workers > MOST:
        return "", 0
    across = min(workers, 16)
    down, pitch = -(-workers // across), (WIDTH - 40) / max(across, 8)
    left = (WIDTH - pitch * across) / 2
    out = "".join(
        box(left + pitch * (number % across) + 3, 12 + 26 * (number // across), pitch - 6, 20, WORKER, str(number), 11)
        for number in range(workers)
    )
    low = 12 + 26 * down
    out += f'<ellipse cx="{WIDTH / 2}" cy="{low + 34}" rx="{WIDTH / 2 - 30}" ry="24" fill="#eef4ee" stroke="{INK}" '
    out += 'stroke-dasharray="2 4"/>'
    out += words(WIDTH / 2, low + 38, f"the air, one medium for all: {told(platform.get('bandwidth', '54Mbps'))}")
    out += box(WIDTH / 2 - 60, low + 70, 120, 24, SWITCH, "access point") + line(
        WIDTH / 2, low + 58, WIDTH / 2, low + 70
    )
    out += line(WIDTH / 2 + 60, low + 82, WIDTH / 2 + 150, low + 82) + box(
        WIDTH / 2 + 150, low + 67, 90, 30, SERVER, "server"
    )
    wire = [told(platform.get(key, usual)) for key, usual in (("server_bandwidth", "1Gbps"), ("server_latency", "1ms"))]
    out += words(WIDTH / 2, low + 120, f"the server's wire: {', '.join(wire)}")
    return out, low + 132
