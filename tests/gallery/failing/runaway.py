"""A handler publishes to itself without an end."""

from qstash import QStash


def test_the_order_is_polled_until_it_is_there(qstash):
    publish = QStash(qstash.token).message.publish

    def poll(request):
        publish(url="https://shop.test/poll", body="again", delay="1m")

    qstash.destination("https://shop.test").responds(poll)
    publish(url="https://shop.test/poll", body="")

    qstash.run_until_idle(limit=100)
