"""Reads what /metrics says, as strictly as Prometheus and its linter do."""
import re

SAMPLE = re.compile(r'([a-z_]+?)(_bucket|_sum|_count)?(?:\{(\w+)="([^"]+)"\})? ([0-9.e+-]+)')


def read(text):
    """Name -> the sum of its samples; of a histogram, how many it counted. AssertionError at what nobody could read."""
    metrics, buckets, name, kind = {}, [], None, None
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name, kind = line.split()[2:]
            assert name not in metrics, f"{name} comes twice"
            assert name.endswith("_total") == (kind == "counter"), f"{name} is a {kind}"
            metrics[name], buckets = 0, []
        elif not line.startswith("# HELP "):
            found = SAMPLE.fullmatch(line)
            assert found, line
            part, value = found[2] or "", float(found[5])
            assert (found[1] if kind == "histogram" else found[1] + part) == name, f"not of {name}: {line}"
            if kind != "histogram":
                metrics[name] += value
            elif part == "_bucket":
                assert not buckets or buckets[-1] <= value, f"less than in the bucket before: {line}"
                buckets.append(value)
            elif part == "_count":
                assert buckets and buckets[-1] == value, f"not what is in the last bucket: {line}"
                metrics[name] = value
    return metrics
