"""So much of a core for each node and no more, by a control group for each: what one takes is taken from no other."""
import os
import pathlib

from stores.machine import Failed

ROOT = pathlib.Path("/sys/fs/cgroup")
PERIOD_US = 10_000  # short, so that to have used up one's share is a wait of a few milliseconds


class Shares:
    """Groups of the control groups' first version or of the second, until `end`."""

    def __init__(self, percent, nodes=2):
        self.percent = percent
        quota = percent * PERIOD_US // 100
        first = (ROOT / "cpu").is_dir()
        settings = ({"cpu.cfs_period_us": PERIOD_US, "cpu.cfs_quota_us": quota} if first else
                    {"cpu.max": f"{quota} {PERIOD_US}"})
        self.groups = [(ROOT / "cpu" if first else ROOT) / f"stores-{os.getpid()}-{node}" for node in range(nodes)]
        try:
            for group in self.groups:
                group.mkdir()
                for name, value in settings.items():
                    (group / name).write_text(str(value))
        except OSError as error:
            self.end()
            raise Failed(f"no control group for a share of a core: {error}; this wants root, and the controller `cpu`")

    def joined(self, node):
        """What stands before the command of the node of this number."""
        group = self.groups[min(node, len(self.groups) - 1)]
        return ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs")]

    def end(self):
        for group in self.groups:
            if group.is_dir():
                group.rmdir()
