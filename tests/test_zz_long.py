from hypothesis import settings, HealthCheck
import tests.engine.test_any_history as m, tests.test_timeline as t


class A(m.AnyHistory.TestCase):
    settings = settings(max_examples=800, stateful_step_count=40, deadline=None)


class B(t.AnyUse.TestCase):
    settings = settings(max_examples=800, stateful_step_count=60, deadline=None)
