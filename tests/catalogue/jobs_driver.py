"""A worker of tests: claims Jobs and finishes them at once. Prints the number of each. Argument: how many there are.

Waits for a line on stdin before it begins, so that several begin together.
"""

import sys

from amparo.cli.start import start


def main() -> None:
    """Until every Job is done by somebody."""
    start()
    from amparo.catalogue import jobs, lease
    from amparo.catalogue.models import Job, JobState

    me, number = lease.this_process(), int(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    while Job.objects.filter(state=JobState.DONE).count() < number:
        job = jobs.claim(me)
        if job is not None:
            print(job.arguments["number"], flush=True)
            jobs.renew(job, me, {"done": 1})
            jobs.finish(job, me, JobState.DONE)


if __name__ == "__main__":
    main()
