"""The settings of the newsletter's Django project."""

ALLOWED_HOSTS = ["news.test"]
LOGGING_CONFIG = None
ROOT_URLCONF = "tests.examples.django_newsletter.newsletter"
USE_TZ = True
