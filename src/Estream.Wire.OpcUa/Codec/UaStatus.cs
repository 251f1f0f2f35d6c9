using System.Collections.Frozen;
using System.Globalization;

namespace Estream.Wire.OpcUa;

/// <summary>A status code (Part 4, 7.39): the highest two bits say good, uncertain or bad.</summary>
/// <param name="Code">The 32-bit code.</param>
public readonly record struct UaStatus(uint Code)
{
    /// <summary>Success.</summary>
    public static UaStatus Good => default;

    internal static readonly UaStatus BadUnexpectedError = new(0x80010000);
    internal static readonly UaStatus BadDecodingError = new(0x80070000);
    internal static readonly UaStatus BadTimeout = new(0x800A0000);
    internal static readonly UaStatus BadServiceUnsupported = new(0x800B0000);
    internal static readonly UaStatus BadNothingToDo = new(0x800F0000);
    internal static readonly UaStatus BadTooManyOperations = new(0x80100000);
    internal static readonly UaStatus BadRequestCancelledByClient = new(0x802C0000);
    internal static readonly UaStatus BadRequestTooLarge = new(0x80B80000);
    internal static readonly UaStatus BadSecureChannelIdInvalid = new(0x80220000);
    internal static readonly UaStatus BadSessionIdInvalid = new(0x80250000);
    internal static readonly UaStatus BadSessionClosed = new(0x80260000);
    internal static readonly UaStatus BadSessionNotActivated = new(0x80270000);
    internal static readonly UaStatus BadSubscriptionIdInvalid = new(0x80280000);
    internal static readonly UaStatus BadNodeIdUnknown = new(0x80340000);
    internal static readonly UaStatus BadAttributeIdInvalid = new(0x80350000);
    internal static readonly UaStatus BadNotWritable = new(0x803B0000);
    internal static readonly UaStatus BadTypeMismatch = new(0x80740000);
    internal static readonly UaStatus BadMethodInvalid = new(0x80750000);
    internal static readonly UaStatus BadTooManyPublishRequests = new(0x80780000);
    internal static readonly UaStatus BadNoSubscription = new(0x80790000);
    internal static readonly UaStatus BadMessageNotAvailable = new(0x807B0000);
    internal static readonly UaStatus BadContinuationPointInvalid = new(0x804A0000);
    internal static readonly UaStatus BadConnectionClosed = new(0x80AE0000);
    internal static readonly UaStatus BadTcpMessageTooLarge = new(0x80800000);
    internal static readonly UaStatus BadHistoryOperationUnsupported = new(0x80720000);

    // DataValue info type with the bit Overflow (Part 4, 7.39.1).
    private const uint OverflowMask = 0x0000_0C80;
    private const uint OverflowBits = 0x0000_0480;

    private static readonly FrozenDictionary<uint, string> s_names = new Dictionary<uint, string>
    {
        [0x00000000] = "Good",
        [0x40000000] = "Uncertain",
        [0x80000000] = "Bad",
        [0x80010000] = "BadUnexpectedError",
        [0x80020000] = "BadInternalError",
        [0x80030000] = "BadOutOfMemory",
        [0x80040000] = "BadResourceUnavailable",
        [0x80050000] = "BadCommunicationError",
        [0x80060000] = "BadEncodingError",
        [0x80070000] = "BadDecodingError",
        [0x80080000] = "BadEncodingLimitsExceeded",
        [0x80090000] = "BadUnknownResponse",
        [0x800A0000] = "BadTimeout",
        [0x800B0000] = "BadServiceUnsupported",
        [0x800C0000] = "BadShutdown",
        [0x800D0000] = "BadServerNotConnected",
        [0x800E0000] = "BadServerHalted",
        [0x800F0000] = "BadNothingToDo",
        [0x80100000] = "BadTooManyOperations",
        [0x80120000] = "BadCertificateInvalid",
        [0x80130000] = "BadSecurityChecksFailed",
        [0x80140000] = "BadCertificateTimeInvalid",
        [0x80160000] = "BadCertificateHostNameInvalid",
        [0x80170000] = "BadCertificateUriInvalid",
        [0x80180000] = "BadCertificateUseNotAllowed",
        [0x801A0000] = "BadCertificateUntrusted",
        [0x801B0000] = "BadCertificateRevocationUnknown",
        [0x801D0000] = "BadCertificateRevoked",
        [0x801F0000] = "BadUserAccessDenied",
        [0x80200000] = "BadIdentityTokenInvalid",
        [0x80210000] = "BadIdentityTokenRejected",
        [0x80220000] = "BadSecureChannelIdInvalid",
        [0x80240000] = "BadNonceInvalid",
        [0x80250000] = "BadSessionIdInvalid",
        [0x80260000] = "BadSessionClosed",
        [0x80270000] = "BadSessionNotActivated",
        [0x80280000] = "BadSubscriptionIdInvalid",
        [0x802C0000] = "BadRequestCancelledByClient",
        [0x802B0000] = "BadTimestampsToReturnInvalid",
        [0x80310000] = "BadNoCommunication",
        [0x80320000] = "BadWaitingForInitialData",
        [0x80330000] = "BadNodeIdInvalid",
        [0x80340000] = "BadNodeIdUnknown",
        [0x80350000] = "BadAttributeIdInvalid",
        [0x80360000] = "BadIndexRangeInvalid",
        [0x80390000] = "BadDataEncodingUnsupported",
        [0x803A0000] = "BadNotReadable",
        [0x803B0000] = "BadNotWritable",
        [0x803C0000] = "BadOutOfRange",
        [0x803D0000] = "BadNotSupported",
        [0x803E0000] = "BadNotFound",
        [0x80420000] = "BadMonitoredItemIdInvalid",
        [0x80450000] = "BadFilterNotAllowed",
        [0x804A0000] = "BadContinuationPointInvalid",
        [0x80540000] = "BadSecurityModeRejected",
        [0x80550000] = "BadSecurityPolicyRejected",
        [0x80560000] = "BadTooManySessions",
        [0x80570000] = "BadUserSignatureInvalid",
        [0x80580000] = "BadApplicationSignatureInvalid",
        [0x80720000] = "BadHistoryOperationUnsupported",
        [0x80730000] = "BadWriteNotSupported",
        [0x80740000] = "BadTypeMismatch",
        [0x80750000] = "BadMethodInvalid",
        [0x80760000] = "BadArgumentsMissing",
        [0x80770000] = "BadTooManySubscriptions",
        [0x80780000] = "BadTooManyPublishRequests",
        [0x80790000] = "BadNoSubscription",
        [0x807A0000] = "BadSequenceNumberUnknown",
        [0x807B0000] = "BadMessageNotAvailable",
        [0x807D0000] = "BadTcpServerTooBusy",
        [0x807E0000] = "BadTcpMessageTypeInvalid",
        [0x807F0000] = "BadTcpSecureChannelUnknown",
        [0x80800000] = "BadTcpMessageTooLarge",
        [0x80810000] = "BadTcpNotEnoughResources",
        [0x80820000] = "BadTcpInternalError",
        [0x80830000] = "BadTcpEndpointUrlInvalid",
        [0x80860000] = "BadSecureChannelClosed",
        [0x80870000] = "BadSecureChannelTokenUnknown",
        [0x80880000] = "BadSequenceNumberInvalid",
        [0x80AB0000] = "BadInvalidArgument",
        [0x80AC0000] = "BadConnectionRejected",
        [0x80AD0000] = "BadDisconnect",
        [0x80AE0000] = "BadConnectionClosed",
        [0x80AF0000] = "BadInvalidState",
        [0x80B80000] = "BadRequestTooLarge",
        [0x80B90000] = "BadResponseTooLarge",
        [0x80E50000] = "BadTooManyArguments",
    }.ToFrozenDictionary();

    /// <summary>Whether the code is good.</summary>
    public bool IsGood => Code >> 30 == 0;

    /// <summary>Whether the code is uncertain.</summary>
    public bool IsUncertain => Code >> 30 == 1;

    /// <summary>Whether the code is bad.</summary>
    public bool IsBad => Code >> 31 == 1;

    /// <summary>Whether the server dropped values of the item because its queue was full.</summary>
    public bool IsOverflow => (Code & OverflowMask) == OverflowBits;

    internal UaStatus WithOverflow => new((Code & ~OverflowMask) | OverflowBits);

    /// <summary>The name of the specification, or the code in hexadecimal.</summary>
    public override string ToString() => s_names.TryGetValue(Code & 0xFFFF_0000, out string? name)
        ? name
        : string.Create(CultureInfo.InvariantCulture, $"0x{Code:X8}");
}
