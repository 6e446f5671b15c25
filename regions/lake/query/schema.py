"""The columns of an event data store: names, types, and where in an event's JSON each one is.

All event categories share one table: columns of another category's events are null. Names are
matched without regard to case, as the service matches them. Objects within maps are JSON text.
What does not belong here: which events a store has.
Source: CloudTrail User Guide, "Supported SQL schemas for event data stores".
"""

from typing import Final

_TEXT_MAP: Final = "MAP(VARCHAR, VARCHAR)"
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


def _text(*path: str) -> str:
    return f"j->>'$.{'.'.join(path)}'"


def _time(*path: str) -> str:
    return f"try_strptime({_text(*path)}, '{_TIME}')"


def _map(*path: str) -> str:
    place = f"j->'$.{'.'.join(path)}'"
    return f"CASE json_type({place}) WHEN 'OBJECT' THEN from_json({place}, '\"{_TEXT_MAP}\"') END"


def _struct(**members: str) -> str:
    return f"struct_pack({', '.join(f'{name} := {sql}' for name, sql in members.items())})"


def _texts(*path: str, members: str) -> str:
    """Return a struct of texts: each name of the event, in lower case."""
    return _struct(**{name.lower(): _text(*path, name) for name in members.split()})


_USER: Final = "userIdentity"
_SESSION: Final = (_USER, "sessionContext")
_WEB: Final = (*_SESSION, "webIdFederationData")
_ATTRIBUTES: Final = (*_SESSION, "attributes")
_IDENTITY: Final = _struct(
    **{
        name.lower(): _text(_USER, name)
        for name in ("type", "principalId", "arn", "accountId", "accessKeyId", "userName")
    },
    sessioncontext=_struct(
        attributes=_struct(
            creationdate=_time(*_ATTRIBUTES, "creationDate"),
            mfaauthenticated=_text(*_ATTRIBUTES, "mfaAuthenticated"),
        ),
        sessionissuer=_texts(
            *_SESSION, "sessionIssuer", members="type principalId arn accountId userName"
        ),
        webidfederationdata=_struct(
            federatedprovider=_text(*_WEB, "federatedProvider"),
            attributes=_map(*_WEB, "attributes"),
        ),
        sourceidentity=_text(*_SESSION, "sourceIdentity"),
        ec2roledelivery=_text(*_SESSION, "ec2RoleDelivery"),
        ec2issuedinvpc=_text(*_SESSION, "ec2IssuedInVpc"),
    ),
    onbehalfof=_texts(_USER, "onBehalfOf", members="userId identityStoreArn"),
    inscopeof=_texts(
        _USER, "inScopeOf", members="sourceArn sourceAccount issuerType credentialsIssuedTo"
    ),
    invokedby=_text(_USER, "invokedBy"),
    identityprovider=_text(_USER, "identityProvider"),
)
_RESOURCES: Final = (
    'from_json(j->\'$.resources\', \'[{"accountId":"VARCHAR","type":"VARCHAR","ARN":"VARCHAR",'
    '"ARNPrefix":"VARCHAR"}]\')'
    '::STRUCT(accountid VARCHAR, "type" VARCHAR, arn VARCHAR, arnprefix VARCHAR)[]'
)
_TAGS: Final = ("eventContext", "tagContext")
_RESOURCE_TAGS: Final = (
    "from_json(j->'$.eventContext.tagContext.resourceTags',"
    f' \'[{{"arn":"VARCHAR","tags":"{_TEXT_MAP}"}}]\')'
)
_CONTEXT: Final = _struct(
    requestcontext=_map("eventContext", "requestContext"),
    tagcontext=_struct(resourcetags=_RESOURCE_TAGS, principaltags=_map(*_TAGS, "principalTags")),
)
_INSIGHT: Final = "insightDetails"
_STATISTICS: Final = (_INSIGHT, "insightContext", "statistics")
_DATA: Final = "eventData"

#: Column -> SQL over one event ``j``, in the order of the documentation.
COLUMNS: Final[dict[str, str]] = {
    "eventversion": _text("eventVersion"),
    "useridentity": _IDENTITY,
    "eventtime": _time("eventTime"),
    **{
        name.lower(): _text(name)
        for name in (
            "eventSource",
            "eventName",
            "awsRegion",
            "sourceIPAddress",
            "userAgent",
            "errorCode",
            "errorMessage",
        )
    },
    **{
        name.lower(): _map(name)
        for name in ("requestParameters", "responseElements", "additionalEventData")
    },
    "requestid": _text("requestID"),
    "eventid": _text("eventID"),
    "readonly": f"CAST({_text('readOnly')} AS BOOLEAN)",
    "resources": _RESOURCES,
    "eventtype": _text("eventType"),
    "apiversion": _text("apiVersion"),
    "managementevent": f"CAST({_text('managementEvent')} AS BOOLEAN)",
    **{
        name.lower(): _text(name)
        for name in (
            "recipientAccountId",
            "sharedEventID",
            "annotation",
            "vpcEndpointId",
            "vpcEndpointAccountId",
        )
    },
    **{
        name.lower(): _map(name)
        for name in ("serviceEventDetails", "addendum", "edgeDeviceDetails", _INSIGHT)
    },
    "eventcategory": _text("eventCategory"),
    "tlsdetails": _texts("tlsDetails", members="tlsVersion cipherSuite clientProvidedHostHeader"),
    "sessioncredentialfromconsole": _text("sessionCredentialFromConsole"),
    # Of Insights events.
    "insightsource": _text("insightSource"),
    "insightstate": _text(_INSIGHT, "state"),
    "insighteventsource": _text(_INSIGHT, "eventSource"),
    "insighteventname": _text(_INSIGHT, "eventName"),
    "insighterrorcode": _text(_INSIGHT, "errorCode"),
    "insighttype": _text(_INSIGHT, "insightType"),
    "insightcontext": _struct(
        baselineaverage=f"CAST({_text(*_STATISTICS, 'baseline', 'average')} AS DOUBLE)",
        insightaverage=f"CAST({_text(*_STATISTICS, 'insight', 'average')} AS DOUBLE)",
        baselineduration=f"CAST({_text(*_STATISTICS, 'baselineDuration')} AS INTEGER)",
        insightduration=f"CAST({_text(*_STATISTICS, 'insightDuration')} AS INTEGER)",
        attributions="CAST(j->'$.insightDetails.insightContext.attributions' AS VARCHAR)",
    ),
    # Of events from outside AWS.
    "metadata": _struct(
        ingestiontime=_text("metadata", "ingestionTime"),
        channelarn=_text("metadata", "channelARN"),
    ),
    "eventdata": _struct(
        **{
            name.lower(): _text(_DATA, name)
            for name in (
                "version",
                "userAgent",
                "eventSource",
                "eventName",
                "eventTime",
                "UID",
                "errorCode",
                "errorMessage",
                "sourceIPAddress",
                "recipientAccountId",
            )
        },
        useridentity=_struct(
            type=_text(_DATA, _USER, "type"),
            principalid=_text(_DATA, _USER, "principalId"),
            details=_map(_DATA, _USER, "details"),
        ),
        requestparameters=_map(_DATA, "requestParameters"),
        responseelements=_map(_DATA, "responseElements"),
        additionaleventdata=_map(_DATA, "additionalEventData"),
    ),
    # Of enriched events. Source: User Guide, the examples of generated queries.
    "eventcontext": _CONTEXT,
    "eventjson": "CAST(j AS VARCHAR)",
    "eventjsonchecksum": "sha256(CAST(j AS VARCHAR))",
}
