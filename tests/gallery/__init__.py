"""A gallery of tests that fail, each beside what pytest prints of it.

``python -m tests.gallery`` renews the texts. Whoever does reads them as somebody who knows nothing
but the text: it has to say what to mend.
"""
