"""Renew the texts of the gallery."""

from tests.gallery.printing import expected, printed

if __name__ == "__main__":
    for name, text in printed().items():
        expected(name).write_text(text, encoding="utf-8")
