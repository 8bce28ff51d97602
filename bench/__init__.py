"""Side by side with peers: `self-distill bench NAME`. A bench is a module with `run(quick, data, notice)` that
returns the document of `bench.report`; it measures both in one run on the same machine and texts."""
