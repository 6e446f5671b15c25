"""Every error that the modelled services answer with: wire code, HTTP status, definite or not.

A class carries AWS's own name, and its name is its code unless it says another. What does not
belong here: the texts, which stand where each error is raised, errors of the wire itself
(api/errors.py), and refusals between our own actors (``sim.wire.Refusal`` subclasses of the HSM,
of replication and of the recorder).
Source: botocore service models kms/2014-11-01 and cloudtrail/2013-11-01; the AWS KMS API
Reference, "Common Errors"; statuses as facts of the KMS wire protocol.
"""

from typing import Any, ClassVar, Final

from sim.wire import Refusal

CLIENT_STATUS: Final = 400  #: of every client error of a JSON protocol, also when throttled
FAULT_STATUS: Final = 500
UNAVAILABLE_STATUS: Final = 503


class ServiceError(Refusal):
    """The failed outcome of one API request, as the caller sees it.

    Args:
      message: the text after the code; AWS leaves it empty for some errors.
      request_id: equals the audit record's requestID; "" until the loop has set it.
    """

    code: ClassVar[str] = ""  #: what the client reads; the class's own name if not set
    record_code: ClassVar[str] = ""  #: errorCode of the audit record; equals code but for one
    status: ClassVar[int] = CLIENT_STATUS
    definite: ClassVar[bool] = True  #: surely nothing happened, so a retry is safe

    def __init__(self, message: str = "", request_id: str = "") -> None:
        super().__init__(message, request_id)

    def __init_subclass__(cls) -> None:
        cls.code = cls.__dict__.get("code", cls.__name__)
        cls.record_code = cls.__dict__.get("record_code", cls.code)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    @property
    def message(self) -> str:
        """The text after the code."""
        message: str = self.args[0]
        return message

    @property
    def request_id(self) -> str:
        """The request that failed."""
        request_id: str = self.args[1]
        return request_id

    def answering(self, request_id: str) -> "ServiceError":
        """Return the same error as the answer to one request."""
        return type(self)(self.message, request_id)


class AccessDeniedException(ServiceError):
    """No policy allows the call, or one denies it."""

    record_code = "AccessDenied"  # CloudTrail writes it without the suffix.


class AlreadyExistsException(ServiceError):
    """The name is already taken."""


class ConflictException(ServiceError):
    """A rotation of the key is under way, or begins too soon."""


class DependencyTimeoutException(ServiceError):
    """Something inside did not answer in time; the outcome is open."""

    status, definite = FAULT_STATUS, False


class DisabledException(ServiceError):
    """The key is disabled."""


class DryRunOperationException(ServiceError):
    """The call would have succeeded, had it not been a dry run."""


class ExpiredImportTokenException(ServiceError):
    """The import token and its wrapping key are older than a day."""


class IncorrectKeyException(ServiceError):
    """The named key is not the one that made the blob."""


class IncorrectKeyMaterialException(ServiceError):
    """The imported material is not the material of this key."""


class InternalFailure(ServiceError):
    """A service beside KMS failed; whether anything happened is open.

    Source: AWS "Common Errors".
    """

    status, definite = FAULT_STATUS, False


class InvalidAliasNameException(ServiceError):
    """The alias name is malformed or reserved."""


class InvalidArnException(ServiceError):
    """The ARN is malformed, or of a kind that the action does not take."""


class InvalidCiphertextException(ServiceError):
    """The blob is broken, was made elsewhere, or has another context. No detail is told."""


class InvalidImportTokenException(ServiceError):
    """The import token was not given for this key."""


class InvalidGrantIdException(ServiceError):
    """The id is not one of a grant."""


class InvalidGrantTokenException(ServiceError):
    """The token is not one of a grant of this region."""


class InvalidKeyUsageException(ServiceError):
    """The key's usage or its algorithms do not fit the action."""


class InvalidMarkerException(ServiceError):
    """The page marker is not one that the service gave."""


class KMSInternalException(ServiceError):
    """The service failed; the outcome is open."""

    status, definite = FAULT_STATUS, False


class KMSInvalidMacException(ServiceError):
    """The MAC is not that of the message under this key."""


class KMSInvalidSignatureException(ServiceError):
    """The signature is not that of the message under this key."""


class KMSInvalidStateException(ServiceError):
    """The key's state forbids this action."""


class KeyUnavailableException(ServiceError):
    """The key's material is out of reach for now; nothing was done."""

    status = FAULT_STATUS


class LimitExceededException(ServiceError):
    """A resource quota or a length is exceeded."""


class MalformedPolicyDocumentException(ServiceError):
    """The policy is no valid document, or would lock its owner out."""


class NotAuthorizedException(ServiceError):
    """The name is reserved for the service."""


class NotFoundException(ServiceError):
    """There is no such key or alias here."""


class SerializationException(ServiceError):
    """A request value has a type that its member cannot take."""


class TagException(ServiceError):
    """A tag is not acceptable."""


class UnsupportedOperationException(ServiceError):
    """The action, or this key, does not support what was asked; also whatever is not modelled."""


class ServiceUnavailableException(ServiceError):
    """The endpoint cannot take the call at all."""

    status = UNAVAILABLE_STATUS


class ThrottlingException(ServiceError):
    """Too many calls; nothing was done."""


class UnknownOperationException(ServiceError):
    """The service has no action of that name."""


class ValidationException(ServiceError):
    """The request does not fit the action's shape."""


class CloudTrailARNInvalidException(ServiceError):
    """The ARN is not one of a trail."""


class InsufficientS3BucketPolicyException(ServiceError):
    """The bucket's policy does not let CloudTrail deliver."""


class InvalidEventSelectorsException(ServiceError):
    """The event selectors are not acceptable."""


class InvalidHomeRegionException(ServiceError):
    """The trail can only be changed in the region where it was created."""


class InvalidLookupAttributesException(ServiceError):
    """A look-up attribute is not acceptable."""


class InvalidNextTokenException(ServiceError):
    """The token was not given by the service, or for another request."""


class InvalidParameterCombinationException(ServiceError):
    """The parameters exclude each other."""


class InvalidS3PrefixException(ServiceError):
    """The prefix of the bucket is not acceptable."""


class InvalidTimeRangeException(ServiceError):
    """The range starts after its end."""


class InvalidTrailNameException(ServiceError):
    """The trail's name breaks a rule."""


class MaximumNumberOfTrailsExceededException(ServiceError):
    """A region has as many trails as an account may have."""


class S3BucketDoesNotExistException(ServiceError):
    """There is no such bucket in any region."""


class TrailAlreadyExistsException(ServiceError):
    """The account has a trail of that name in the region."""


class TrailNotFoundException(ServiceError):
    """The account has no such trail in the region."""


class InvalidS3BucketNameException(ServiceError):
    """The bucket's name breaks a rule of S3."""


class InvalidSnsTopicNameException(ServiceError):
    """The name is none of an SNS topic."""


class InsufficientSnsTopicPolicyException(ServiceError):
    """The topic is not there, or its policy does not let CloudTrail publish."""


class InvalidKmsKeyIdException(ServiceError):
    """The key is named in no way that KMS knows."""


class KmsKeyNotFoundException(ServiceError):
    """There is no such key in the bucket's region."""


class KmsKeyDisabledException(ServiceError):
    """The key is disabled."""


class KmsException(ServiceError):
    """The key cannot encrypt a trail's files, or KMS does not answer."""


class InsufficientEncryptionPolicyException(ServiceError):
    """The key's policy does not let CloudTrail encrypt."""


class InvalidCloudWatchLogsLogGroupArnException(ServiceError):
    """The log group is not there, or the role may not write to it."""


class InvalidCloudWatchLogsRoleArnException(ServiceError):
    """The role is not there, or does not trust CloudTrail."""


class CloudWatchLogsDeliveryUnavailableException(ServiceError):
    """Nothing can be delivered to CloudWatch Logs in the region."""


class OrganizationsNotInUseException(ServiceError):
    """The account is not a member of an organisation."""


class OperationNotPermittedException(ServiceError):
    """The action is not possible here, such as tags of a trail away from its home region."""


class InvalidTagParameterException(ServiceError):
    """A tag's key or value is not acceptable."""


class TagsLimitExceededException(ServiceError):
    """A resource has as many tags as it may have."""


class InvalidInsightSelectorsException(ServiceError):
    """The Insights cannot be had of this trail."""


class InsightNotEnabledException(ServiceError):
    """The trail has no Insights."""


class ResourceTypeNotSupportedException(ServiceError):
    """Resources of this type take no tags."""


class ResourceNotFoundException(ServiceError):
    """There is no such resource that could have tags."""


class InvalidMaxResultsException(ServiceError):
    """More results are asked for than one answer can have."""


class InvalidEventCategoryException(ServiceError):
    """Events of that category cannot be looked up."""


class InvalidTokenException(ServiceError):
    """The service never gave this token."""


class InvalidParameterException(ServiceError):
    """A parameter's value is not acceptable, in the words of CloudTrail."""


#: Wire ids 300–349: common and KMS; 350–399 and 738–739: CloudTrail. Ids are never reused.
ERROR_FRAMES: Final[dict[int, type[Any]]] = {
    300: AccessDeniedException,
    301: AlreadyExistsException,
    302: DependencyTimeoutException,
    303: DisabledException,
    304: DryRunOperationException,
    305: IncorrectKeyException,
    306: IncorrectKeyMaterialException,
    307: InvalidAliasNameException,
    308: InvalidArnException,
    309: InvalidCiphertextException,
    310: InvalidKeyUsageException,
    311: InvalidMarkerException,
    312: KMSInternalException,
    313: KMSInvalidStateException,
    314: KeyUnavailableException,
    315: LimitExceededException,
    316: MalformedPolicyDocumentException,
    317: NotFoundException,
    318: TagException,
    319: UnsupportedOperationException,
    320: ServiceUnavailableException,
    321: ThrottlingException,
    322: UnknownOperationException,
    323: ValidationException,
    324: SerializationException,
    325: NotAuthorizedException,
    326: InternalFailure,
    330: KMSInvalidMacException,
    331: KMSInvalidSignatureException,
    340: InvalidGrantIdException,
    341: InvalidGrantTokenException,
    343: ConflictException,
    344: ExpiredImportTokenException,
    345: InvalidImportTokenException,
    350: CloudTrailARNInvalidException,
    351: InvalidEventSelectorsException,
    352: InvalidHomeRegionException,
    353: InvalidLookupAttributesException,
    355: InvalidNextTokenException,
    356: InvalidParameterCombinationException,
    357: InvalidS3PrefixException,
    358: InvalidTimeRangeException,
    359: InvalidTrailNameException,
    360: MaximumNumberOfTrailsExceededException,
    361: S3BucketDoesNotExistException,
    362: TrailAlreadyExistsException,
    363: TrailNotFoundException,
    364: InsufficientS3BucketPolicyException,
    365: InvalidS3BucketNameException,
    366: InvalidSnsTopicNameException,
    367: InsufficientSnsTopicPolicyException,
    368: InvalidKmsKeyIdException,
    369: KmsKeyNotFoundException,
    370: KmsKeyDisabledException,
    371: KmsException,
    372: InsufficientEncryptionPolicyException,
    373: InvalidCloudWatchLogsLogGroupArnException,
    374: InvalidCloudWatchLogsRoleArnException,
    375: CloudWatchLogsDeliveryUnavailableException,
    376: OrganizationsNotInUseException,
    377: OperationNotPermittedException,
    378: InvalidTagParameterException,
    379: TagsLimitExceededException,
    380: InvalidInsightSelectorsException,
    381: InsightNotEnabledException,
    382: ResourceTypeNotSupportedException,
    383: ResourceNotFoundException,
    384: InvalidTokenException,
    385: InvalidParameterException,
    738: InvalidMaxResultsException,
    739: InvalidEventCategoryException,
}

#: Wire code to class.
ERRORS: Final[dict[str, type[ServiceError]]] = {cls.code: cls for cls in ERROR_FRAMES.values()}
