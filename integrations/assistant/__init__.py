"""Asks a language model for mapping code. The only home of `openai`; nothing here decides what runs: a person does."""
