"""The true client behind trusted proxies, in the evidence; and who may see the figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from shuqiao.gateway.networks import is_within, read_networks, true_client
from shuqiao.gateway.settings import GatewaySettings
from shuqiao.gateway.tests.city import MASTER, Desk, found, lookup, opened
from shuqiao.journal import find

TRUSTED = read_networks("10.0.0.0/8, 127.0.0.1, 2001:db8::/32")


@pytest.mark.parametrize(
    ("peer", "headers", "client"),
    [
        ("192.0.2.9", {"x-forwarded-for": "198.51.100.1"}, "192.0.2.9"),
        ("10.1.1.1", {"x-forwarded-for": "198.51.100.1"}, "198.51.100.1"),
        ("10.1.1.1", {"x-forwarded-for": "203.0.113.7, 198.51.100.1, 10.2.2.2"}, "198.51.100.1"),
        ("10.1.1.1", {"x-forwarded-for": "10.3.3.3, 10.2.2.2"}, "10.3.3.3"),
        ("10.1.1.1", {"x-forwarded-for": "198.51.100.1:4711"}, "198.51.100.1"),
        ("10.1.1.1", {"x-forwarded-for": "unknown, 10.2.2.2"}, "10.2.2.2"),
        ("10.1.1.1", {}, "10.1.1.1"),
        ("10.1.1.1", {"forwarded": 'for=198.51.100.1;proto=https, for="[2001:db8::5]:80"'}, "198.51.100.1"),
        ("10.1.1.1", {"forwarded": "proto=https"}, "10.1.1.1"),
        ("10.1.1.1", {"forwarded": "for=_hidden"}, "10.1.1.1"),
        ("2001:db8::1", {"forwarded": 'For="[2001:DB9::1]"'}, "2001:db9::1"),
        ("::ffff:10.1.1.1", {"x-forwarded-for": "198.51.100.1"}, "198.51.100.1"),
        ("", {"x-forwarded-for": "198.51.100.1"}, ""),
    ],
)
def test_only_what_trusted_proxies_say_is_believed(peer: str, headers: dict[str, str], client: str) -> None:
    assert true_client(peer, headers, TRUSTED) == client


def test_the_evidence_has_the_true_client(tmp_path: Path) -> None:
    city = found(tmp_path / "home", trusted_proxies=read_networks("127.0.0.1"))
    with opened(city) as desk:
        answer = desk.ask(lookup(2), headers={**city.bearer(), "X-Forwarded-For": "203.0.113.7"})
    record = find(city.settings.journal_root, answer.headers["shuqiao-receipt"])
    assert record.client == "203.0.113.7"


def test_without_trusted_proxies_the_header_is_not_read(desk: Desk) -> None:
    answer = desk.ask(lookup(2), headers={**desk.city.bearer(), "X-Forwarded-For": "203.0.113.7"})
    assert find(desk.city.settings.journal_root, answer.headers["shuqiao-receipt"]).client == "127.0.0.1"


def test_settings_are_read_and_nonsense_is_named(tmp_path: Path) -> None:
    base = {"SHUQIAO_HOME": str(tmp_path), "SHUQIAO_MASTER_KEY": MASTER.hex()}
    settings = GatewaySettings.from_env(
        {
            **base,
            "SHUQIAO_GATEWAY_TRUSTED_PROXIES": "10.0.0.1",
            "SHUQIAO_GATEWAY_METRICS_FROM": "",
            "SHUQIAO_GATEWAY_PROCESSES": "3",
            "SHUQIAO_GATEWAY_RATE_PER_MINUTE": "600",
        }
    )
    assert is_within("10.0.0.1", settings.trusted_proxies)
    assert settings.metrics_from == ()
    assert settings.nodes == ("gw1", "gw1-2", "gw1-3")
    assert settings.rate_per_minute == 600
    for name, value in (("PROCESSES", "0"), ("TRUSTED_PROXIES", "here"), ("EXPORTS", "two")):
        with pytest.raises(ValueError, match=f"SHUQIAO_GATEWAY_{name}"):
            GatewaySettings.from_env({**base, f"SHUQIAO_GATEWAY_{name}": value})
