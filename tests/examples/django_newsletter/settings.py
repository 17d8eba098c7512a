"""The settings of the newsletter's Django project."""

ALLOWED_HOSTS = ["news.test"]
LOGGING_CONFIG = None
ROOT_URLCONF = "tests.examples.django_newsletter.newsletter"
TIME_ZONE = None  # that of the machine
USE_TZ = True
