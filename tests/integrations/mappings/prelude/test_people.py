"""Names and addresses, as mapping code in the sandbox sees them."""

import pytest


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('clean_name("O\'Brien")', "O'Brien"),
        ("clean_name('O’Brien')", "O’Brien"),
        ("clean_name('  José   María ')", "José María"),
        ("clean_name('van der Berg')", "van der Berg"),
        ("clean_name('McDONALD')", "McDONALD"),
        ("clean_name('石川')", "石川"),
        ("clean_name('Anna 🚀')", "Anna 🚀"),
        ("clean_name('Anna 🚀', keep_emoji=False)", "Anna"),
        ("clean_name('🏔️', keep_emoji=False)", None),
        ("clean_name('Ann\\u200b\\x07 Lee')", "Ann Lee"),
        ("clean_name('\\xa0Ann\\u2003Lee\\n')", "Ann Lee"),
        ("clean_name('')", None),
        ("clean_name(None)", None),
        ("clean_name(42)", "42"),
        ("clean_text('  two  words ')", "two words"),
        ("clean_email(' Ann.Lee@Example.COM ')", "ann.lee@example.com"),
        ("clean_email('not an address')", "not an address"),
        ("clean_email('ann @ example.com')", "ann @ example.com"),
        ("clean_email('  ')", None),
        ("clean_email(None)", None),
        ("is_email('ann@example.com')", True),
        ('is_email("o\'brien+news@example.co.uk")', True),
        ("is_email('ann@example')", False),
        ("is_email('ann@@example.com')", False),
        ("is_email('@example.com')", False),
        ("is_email('ann@example..com')", False),
        ("is_email(None)", False),
    ],
)
def test_people_come_out_as_documented(ask, call, expected):
    assert ask(call) == expected
