"""A model's endpoint over real HTTP, as new for every test, and the configuration that leads to it."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations.assistant import abilities
from integrations.assistant.config import ModelConfig
from tests.model_server import ModelServer

KEY = "sk-verysecret-0123456789"


@pytest.fixture(scope="session")
def running_model() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
def model(running_model: ModelServer) -> Iterator[ModelServer]:
    """The scripted model; what is known of its abilities is forgotten."""
    running_model.forget()
    abilities.forget()
    yield running_model
    running_model.forget()


@pytest.fixture
def config_for(model: ModelServer) -> Callable[..., ModelConfig]:
    def make(**values: Any) -> ModelConfig:
        return ModelConfig(**{"name": "test-model", "base_url": model.base_url, "key": KEY, "timeout": 10.0} | values)

    return make


@pytest.fixture
def configured(settings: Any, model: ModelServer) -> ModelServer:
    """The settings lead to the scripted model."""
    settings.MODEL_NAME, settings.MODEL_BASE_URL, settings.MODEL_API_KEY = "test-model", model.base_url, KEY
    settings.MODEL_TIMEOUT_SECONDS, settings.MODEL_TOKENS_PER_DAY = 10.0, 0
    settings.MODEL_COST_PER_DAY = settings.MODEL_PROMPT_PRICE = settings.MODEL_ANSWER_PRICE = Decimal(0)
    return model


@pytest.fixture
def https_url(tmp_path: Path) -> Iterator[str]:
    """A server with a certificate it signed itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path / "server.pem"))
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True):
                    pass

    threading.Thread(target=serve, daemon=True).start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
    listener.close()


def _self_signed(path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
    certificate = built.sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    return path
