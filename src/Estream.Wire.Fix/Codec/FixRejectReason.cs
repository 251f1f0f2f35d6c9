namespace Estream.Wire.Fix.Codec;

/// <summary>What SessionRejectReason (373) may say.</summary>
internal enum FixRejectReason
{
    InvalidTag = 0,
    RequiredTagMissing = 1,
    TagNotDefinedForMessage = 2,
    EmptyValue = 4,
    ValueOutOfRange = 5,
    IncorrectFormat = 6,
    CompIdProblem = 9,
    SendingTimeAccuracy = 10,
    InvalidMsgType = 11,
    RepeatedTag = 13,
    TagOutOfOrder = 14,
    GroupCountMismatch = 16,
    Other = 99,
}
