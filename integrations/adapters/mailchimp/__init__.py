"""Mailchimp: the members of audiences."""

from integrations.adapters.mailchimp.adapter import MailchimpAdapter

ADAPTER = MailchimpAdapter
