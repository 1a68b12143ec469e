import pytest

from mien.errors import MienError
from mien.serving.options import RequestLimits, ServerOptions, is_loopback

OPEN = "0.0.0.0"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"host": OPEN}, "other machines could send images; pass token=..., or insecure=True"),
        ({"host": "192.168.0.7"}, "other machines"),
        ({"host": "faces.example"}, "other machines"),
        ({"port": 65536}, "expected 0 to 65535"),
        ({"token": "short"}, "expected 16 or more printable ASCII characters"),
        ({"token": "correct-horse-b\xe4ttery"}, "ASCII"),
        ({"token": " with-a-space-around-it"}, "ASCII"),
        ({"workers": 0}, "workers 0: expected 1 to 256"),
        ({"token": "with\na line break in it"}, "printable"),
        ({"allowed_origins": ("*",)}, "expected one like https://example.org"),
        ({"allowed_origins": ("https://a.example/path",)}, "expected one like"),
        ({"bundles": ()}, "at least one bundle"),
    ],
)
def test_values_out_of_range_are_an_error(fields, message):
    with pytest.raises(MienError, match=message):
        ServerOptions(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"host": OPEN, "token": 16 * "x"},
        {"host": OPEN, "insecure": True},
        {"host": "::1"},
        {"host": "127.0.0.9"},
    ],
)
def test_other_hosts_need_a_token_or_consent(fields):
    assert ServerOptions(**fields).host == fields["host"]


def test_the_token_is_not_in_the_repr():
    assert "secret" not in repr(ServerOptions(token="secret and long enough"))


def test_limits_are_positive():
    with pytest.raises(MienError, match="images 0: expected more than 0"):
        RequestLimits(images=0)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.1.2.3", True),
        ("[::1]", True),
        ("localhost.evil", False),
        ("10.0.0.1", False),
    ],
)
def test_loopback(host, expected):
    assert is_loopback(host) is expected
