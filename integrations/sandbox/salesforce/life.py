"""What people do in the simulated Salesforce by themselves."""

from integrations.sandbox.companies import COMPANIES
from integrations.sandbox.life import Habit
from integrations.sandbox.salesforce.fields import ACCOUNT
from integrations.sandbox.salesforce.ids import IdMaker

_IDS = IdMaker(ACCOUNT.prefix)

HABITS = (Habit("Account", 60, _IDS.make, lambda dice: {"NumberOfEmployees": dice.randrange(3, 4_000)}, COMPANIES),)
