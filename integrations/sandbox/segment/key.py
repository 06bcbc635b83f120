"""The key of the simulated OAuth application: two primes that open nothing but this sandbox."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_EXPONENT = 65_537
_P = int(
    "e3a89153a3b5314e956f834e6678aa006f958a0013b6dea3cd7a430bb524e6e3a89df832470fd60ad6079375e9bad248647c"
    "3b7b94a91e0feabaeb7bec0dde34afc64794626fad22445d0cc74f9fb18e6853e80b0d34fe4f19d72f5e8429fd658ab99aea"
    "96ea8d61426cafcec485cc7ba99e71ff3e508c9132ab2ca62218ea9b",
    16,
)
_Q = int(
    "bc951e1ea3fa35270a1dcc9e697a218fc85c72ae1aeb8b0eaf7ab3b10e74c45c5485dddc4cf6438526f8d905802612c5eb7d"
    "4d538a73f98df2c356c95790b6faffd64337ed4d88d0abf3e9c1d468eb24deae554190e9e220ff5d635be557d410a1d3b4af"
    "7724c8c5d461d3ad42414df8cbb198ca09a75a18255253ef9feecf1f",
    16,
)


@cache
def private_key() -> rsa.RSAPrivateKey:
    """What the application's owner has."""
    totient = (_P - 1) * (_Q - 1)
    secret = pow(_EXPONENT, -1, totient)
    public = rsa.RSAPublicNumbers(_EXPONENT, _P * _Q)
    parts = (secret % (_P - 1), secret % (_Q - 1), pow(_Q, -1, _P))
    return rsa.RSAPrivateNumbers(_P, _Q, secret, *parts, public).private_key()


@cache
def private_pem() -> str:
    """As a file."""
    return private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
