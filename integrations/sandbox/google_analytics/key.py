"""The key of the simulated service account: two primes that open nothing but this sandbox."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_EXPONENT = 65_537
_P = int(
    "e4951583d610d74da78d58066649589abc712fb009148132fef248d16552c2ae3116313aaf6e62ad2c2f2b26aacfdf33ffd3"
    "2818085b76bd89615a99810baf2d68e5ee6bb5feb82c8d4c90ef2f16964a29d73a44e928c95ff161eda25ef8ada81d74cd6a"
    "031df86569d1762cc45df3da66890855511e1e45032d8d0777ba8b29",
    16,
)
_Q = int(
    "cd139d1d42d59a6bd4e3f078de2b5e5ca36b8f88ae7d0de62977e52ea7e5acd9a12eb843bd7b4ed4ffd48b4477bd8349bc59"
    "765d8a71ffbc61cef1a2e7be1cb1e6bfe928962fe1bfd358889cd38c469afbae64ce87ba0b15c61f13ac73739636792ce41d"
    "eaed28f069c09b61c8a1b2ab4d1d103727f76681b3c9f8c0beb0e7d1",
    16,
)


@cache
def make_key() -> rsa.RSAPrivateKey:
    """The same on every start."""
    secret = pow(_EXPONENT, -1, (_P - 1) * (_Q - 1))
    public = rsa.RSAPublicNumbers(_EXPONENT, _P * _Q)
    parts = (_P, _Q, secret, secret % (_P - 1), secret % (_Q - 1), pow(_Q, -1, _P))
    return rsa.RSAPrivateNumbers(*parts, public).private_key()


@cache
def write_key() -> str:
    """As Google's key files hold it."""
    return make_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
