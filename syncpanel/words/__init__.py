"""What pages say: numbers and enums of the engine turned into sentences. Pure, without the database."""
