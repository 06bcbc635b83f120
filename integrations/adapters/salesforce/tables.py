"""What Salesforce's error words mean, as tables.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
"""

from collections.abc import Mapping

from integrations.exceptions import (
    BatchRefusedError,
    ConfigurationError,
    PermissionMissingError,
    SchemaChangedError,
    SignInError,
    SyncpanelError,
    TransientError,
)

# errorCode of a refused row -> our reason
ROW_REASONS: Mapping[str, str] = {
    "REQUIRED_FIELD_MISSING": "required_missing",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "custom_rule",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "custom_rule",
    "FIELD_FILTER_VALIDATION_EXCEPTION": "custom_rule",
    "STRING_TOO_LONG": "too_long",
    "INVALID_EMAIL_ADDRESS": "invalid_email",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "not_in_list",
    "NUMBER_OUTSIDE_VALID_RANGE": "out_of_range",
    "INVALID_TYPE_ON_FIELD_IN_RECORD": "wrong_type",
    "JSON_PARSER_ERROR": "wrong_type",
    "DUPLICATE_VALUE": "duplicate_value",
    "DUPLICATES_DETECTED": "possible_duplicate",
    "DUPLICATE_EXTERNAL_ID": "ambiguous_key",
    "MALFORMED_ID": "malformed_id",
    "MISSING_ARGUMENT": "missing_key",
    "ENTITY_IS_DELETED": "deleted",
    "INVALID_CROSS_REFERENCE_KEY": "lookup_not_found",
    "INSUFFICIENT_ACCESS_OR_READONLY": "no_permission",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "no_permission",
    "INSUFFICIENT_ACCESS": "no_permission",
    "DELETE_FAILED": "still_needed",
    "DEPENDENCY_EXISTS": "still_needed",
    "UNABLE_TO_LOCK_ROW": "locked",
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": "no_answer",
    "NOT_FOUND": "not_found",
}

# ... refused for the moment only: the row is sent again
PASSING = frozenset(
    {"UNABLE_TO_LOCK_ROW", "ALL_OR_NONE_OPERATION_ROLLED_BACK", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION"}
)

# ... or not about this row at all: the sync stops
ROW_STOPS: Mapping[str, str] = {
    "INVALID_FIELD_FOR_INSERT_UPDATE": "Salesforce does not let us write {fields}. Look at the mapping or the rights.",
    "STORAGE_LIMIT_EXCEEDED": "Salesforce is full. Make room there, then resume.",
    "LICENSE_LIMIT_EXCEEDED": "Salesforce has no licence left for this. Talk to its administrator.",
    "ORG_LOCKED": "This Salesforce is locked. Talk to its administrator.",
}

# errorCode of a refused request -> family and words
SIGN_IN = "Salesforce stopped accepting our sign-in. Connect it again."
REQUESTS: Mapping[str, tuple[type[SyncpanelError], str]] = {
    "INVALID_SESSION_ID": (SignInError, SIGN_IN),
    "INVALID_AUTH_HEADER": (SignInError, SIGN_IN),
    "INVALID_FIELD": (SchemaChangedError, "{detail}"),
    "INVALID_FIELD_FOR_INSERT_UPDATE": (
        SchemaChangedError,
        "Salesforce does not let us write {fields}. Look at the mapping.",
    ),
    "INVALID_TYPE": (ConfigurationError, "Salesforce does not have this object, or our sign-in may not see it."),
    "MALFORMED_QUERY": (
        ConfigurationError,
        "Salesforce does not understand our question. Look at the fields of this sync.",
    ),
    "NOT_FOUND": (ConfigurationError, "Salesforce does not have what this sync asks for."),
    "INVALIDJOB": (
        ConfigurationError,
        "Salesforce does not open a large load for this object and key. Look at the sync.",
    ),
    "UNSUPPORTED_API_VERSION": (
        ConfigurationError,
        "Salesforce has retired this version of its interface. Set a newer one.",
    ),
    "INVALID_INPUT": (BatchRefusedError, "Salesforce refused what we sent."),
    "JSON_PARSER_ERROR": (BatchRefusedError, "Salesforce could not read a value we sent."),
    "INSUFFICIENT_ACCESS": (
        PermissionMissingError,
        "Our sign-in may not do this in Salesforce. Give its user the right.",
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": (
        PermissionMissingError,
        "Our sign-in may not do this in Salesforce. Give its user the right.",
    ),
    "API_DISABLED_FOR_ORG": (
        PermissionMissingError,
        "This Salesforce has no access for other programs (API). Switch it on.",
    ),
    "API_CURRENTLY_DISABLED": (PermissionMissingError, "Salesforce has switched off access for other programs (API)."),
    "STORAGE_LIMIT_EXCEEDED": (ConfigurationError, ROW_STOPS["STORAGE_LIMIT_EXCEEDED"]),
    "LICENSE_LIMIT_EXCEEDED": (ConfigurationError, ROW_STOPS["LICENSE_LIMIT_EXCEEDED"]),
    "ORG_LOCKED": (ConfigurationError, ROW_STOPS["ORG_LOCKED"]),
    "UNABLE_TO_LOCK_ROW": (TransientError, "Salesforce was changing these records at the same moment."),
    "QUERY_TIMEOUT": (TransientError, "Salesforce took too long to answer."),
    "SERVER_UNAVAILABLE": (TransientError, "Salesforce has trouble of its own at the moment."),
}

# `error` of the token endpoint -> what a person does
TOKEN_ERRORS: Mapping[str, str] = {
    "invalid_grant": SIGN_IN,
    "invalid_client": "Salesforce does not accept this consumer key and secret.",
    "invalid_client_id": "Salesforce does not know this consumer key.",
    "inactive_user": "The user of this connection is switched off in Salesforce.",
    "inactive_org": "This Salesforce is switched off.",
    "unauthorized_client": "The app in Salesforce does not allow this way to sign in.",
    "unsupported_grant_type": "The app in Salesforce does not allow this way to sign in.",
    "invalid_app_access": "The user of this connection may not use the app in Salesforce.",
}

# 401s that look like an expired session and are none: a new token would loop for ever
NOT_EXPIRED = ("This session is not valid for use with the REST API", "Connected app is not attached to Agent")
