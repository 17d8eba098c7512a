"""What the fake costs, each figure beside a baseline that is measured in the same run.

Machines differ and are shared, so a figure alone says little. Subject and baseline therefore
take turns in short slices, the median of the slices counts, the garbage collector stays on,
and stores are as full as they get in use. Nothing here is asserted by the test suite.
"""
