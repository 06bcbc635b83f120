"""The part of Python that mapping code may use: what the sandbox knows, less what a mapping has no use for."""

import ast

ALLOWED_IMPORTS = {
    "datetime": frozenset({"date", "datetime", "time", "timedelta", "timezone"}),
    "json": frozenset({"JSONDecodeError", "dumps", "loads"}),
    "math": frozenset(
        {
            *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "comb", "copysign", "cos"),
            *("cosh", "degrees", "dist", "e", "erf", "erfc", "exp", "exp2", "expm1", "fabs", "factorial", "floor"),
            *("fmod", "frexp", "fsum", "gamma", "gcd", "hypot", "inf", "isclose", "isfinite", "isinf", "isnan"),
            *("isqrt", "lcm", "ldexp", "lgamma", "log", "log10", "log1p", "log2", "modf", "nan", "nextafter", "perm"),
            *("pi", "pow", "prod", "radians", "remainder", "sin", "sinh", "sqrt", "tan", "tanh", "tau", "trunc", "ulp"),
        }
    ),
    "re": frozenset(
        {
            *("A", "ASCII", "DOTALL", "I", "IGNORECASE", "M", "MULTILINE", "Match", "NOFLAG", "Pattern", "S"),
            *("compile", "error", "escape", "findall", "finditer", "fullmatch", "match", "search", "split", "sub"),
        }
    ),
    "unicodedata": frozenset({"category", "combining", "is_normalized", "lookup", "name", "normalize"}),
}
"""What a mapping may import, and what the sandbox has of it."""

FORBIDDEN_BUILTINS = frozenset(
    {
        *(
            "eval",
            "exec",
            "compile",
            "open",
            "input",
            "breakpoint",
            "help",
            "exit",
            "quit",
            "globals",
            "locals",
            "vars",
        ),
        *("dir", "getattr", "setattr", "delattr", "hasattr", "id", "hash", "type", "object", "property", "super"),
        *("memoryview", "classmethod", "staticmethod"),
    }
)
"""They look behind the values, or reach for what is not there."""

BUILTINS = frozenset(
    {
        *("abs", "all", "any", "bin", "bool", "bytes", "chr", "complex", "dict", "divmod", "enumerate", "filter"),
        *("float", "format", "frozenset", "hex", "int", "isinstance", "iter", "len", "list", "map", "max", "min"),
        *("next", "oct", "ord", "pow", "print", "range", "repr", "reversed", "round", "set", "slice", "sorted"),
        *("str", "sum", "tuple", "zip"),
        *("ArithmeticError", "AssertionError", "AttributeError", "BaseException", "Exception", "ImportError"),
        *("IndexError", "KeyError", "LookupError", "MemoryError", "NameError", "NotImplementedError", "OSError"),
        *("OverflowError", "RecursionError", "RuntimeError", "StopIteration", "SystemExit", "TimeoutError"),
        *("TypeError", "UnicodeDecodeError", "UnicodeEncodeError", "ValueError", "ZeroDivisionError"),
    }
)
"""What the sandbox has built in and a mapping may use."""

FORBIDDEN_NODES: dict[type[ast.AST], str] = {
    ast.ClassDef: "classes",
    ast.AsyncFunctionDef: "async functions",
    ast.Await: "await",
    ast.AsyncFor: "async for",
    ast.AsyncWith: "async with",
    ast.With: "with",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.Global: "global: what one record leaves behind would change the next",
    ast.Nonlocal: "nonlocal",
    ast.Delete: "del",
}

MISSING_METHODS = frozenset(
    {
        *("translate", "maketrans", "fromtimestamp", "utcfromtimestamp", "toordinal", "format_map", "isocalendar"),
        *("subn", "timetuple", "bit_length"),
    }
)
"""Methods of Python that the sandbox does not have; without this check each record would fail."""
