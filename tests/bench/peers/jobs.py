"""What the Python peers share: what they are asked for, and how they answer."""

import json
import sys
import time


def read_spec():
    with open(sys.argv[1]) as file:
        return json.load(file)


def answer(problem, spec, jobs):
    """Runs the jobs that SPEC.json asks for. Prints a line a job: its name, the seconds of its loop, the final loss."""

    for job in spec["jobs"]:
        start = time.perf_counter()
        theta = jobs[job["name"]](problem, spec["rounds"], **job["parameters"])
        print(f"{job['name']},{time.perf_counter() - start:.9g},{problem.loss(theta):.17g}", flush=True)
