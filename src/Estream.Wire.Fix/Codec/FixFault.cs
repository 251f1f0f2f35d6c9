using System.Globalization;

namespace Estream.Wire.Fix.Codec;

/// <summary>Why a message with a valid checksum is rejected; the default value is "no fault". Creating one does not allocate.</summary>
internal readonly struct FixFault
{
    /// <summary>The fault does not concern a single field.</summary>
    public const int NoTag = int.MinValue;

    private readonly bool _isFault;
    private readonly int _delimiter;

    private FixFault(FixRejectReason reason, int refTag, int delimiter)
    {
        _isFault = true;
        Reason = reason;
        RefTag = refTag;
        _delimiter = delimiter;
    }

    public static FixFault None => default;

    public bool IsFault => _isFault;

    /// <summary>Whether the start of a group's entries is unknown. Fields that seem to be missing may then be inside those
    /// entries.</summary>
    public bool IsOfStructure => _delimiter != 0;

    public FixRejectReason Reason { get; }

    /// <summary>The tag of the field that the Reject names, or <see cref="NoTag"/>.</summary>
    public int RefTag { get; }

    /// <summary>The specification's text for the reason, or a text of this library if the specification has none. Allocates only for the
    /// text of <see cref="NoDelimiter"/>.</summary>
    public string Text => Reason switch
    {
        FixRejectReason.InvalidTag => "Invalid tag number",
        FixRejectReason.RequiredTagMissing => "Required tag missing",
        FixRejectReason.TagNotDefinedForMessage => "Tag not defined for this message type",
        FixRejectReason.EmptyValue => "Tag specified without a value",
        FixRejectReason.ValueOutOfRange => "Value is incorrect (out of range) for this tag",
        FixRejectReason.IncorrectFormat => "Incorrect data format for value",
        FixRejectReason.CompIdProblem => "CompID problem",
        FixRejectReason.SendingTimeAccuracy => "SendingTime accuracy problem",
        FixRejectReason.InvalidMsgType => "Invalid MsgType",
        FixRejectReason.RepeatedTag => "Tag appears more than once",
        FixRejectReason.TagOutOfOrder => "Tag specified out of required order",
        FixRejectReason.GroupCountMismatch => "Incorrect NumInGroup count for repeating group",
        FixRejectReason.UnsupportedApplVer => "Invalid/Unsupported Application Version",
        _ when _delimiter != 0 => string.Create(
            CultureInfo.InvariantCulture, $"Group {RefTag}'s first entry does not start with delimiter {_delimiter}"),
        _ => "Too many fields",
    };

    public static FixFault Of(FixRejectReason reason, int refTag = NoTag)
    {
        return new FixFault(reason, refTag, delimiter: 0);
    }

    /// <summary>The fault of a group whose first entry does not start with the group's delimiter.</summary>
    public static FixFault NoDelimiter(int countTag, int delimiter)
    {
        return new FixFault(FixRejectReason.Other, countTag, delimiter);
    }

    public override string ToString()
    {
        return !_isFault ? "no fault" : RefTag == NoTag
            ? Text
            : string.Create(CultureInfo.InvariantCulture, $"{RefTag}: {Text}");
    }
}

/// <summary>The values of SessionRejectReason (373).</summary>
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
    UnsupportedApplVer = 18,
    Other = 99,
}
