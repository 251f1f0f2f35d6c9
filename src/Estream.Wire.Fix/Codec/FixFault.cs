using System.Globalization;

namespace Estream.Wire.Fix.Codec;

/// <summary>Why a message whose checksum is right is rejected; default is "no fault". Costs nothing to make.</summary>
internal readonly struct FixFault
{
    /// <summary>The fault is not that of one field.</summary>
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

    /// <summary>Whether it cannot even be said where the entries of a group begin: what else is missing may lie among them.</summary>
    public bool IsOfStructure => _delimiter != 0;

    public FixRejectReason Reason { get; }

    /// <summary>The field the reject names, or <see cref="NoTag"/>.</summary>
    public int RefTag { get; }

    /// <summary>The words of the specification for the reason, or more where it has none. Allocates in that case alone.</summary>
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
        _ when _delimiter != 0 => string.Create(
            CultureInfo.InvariantCulture, $"Group {RefTag}'s first entry does not start with delimiter {_delimiter}"),
        _ => "Too many fields",
    };

    public static FixFault Of(FixRejectReason reason, int refTag = NoTag)
    {
        return new FixFault(reason, refTag, delimiter: 0);
    }

    /// <summary>A group whose first entry begins with another field than its entries do.</summary>
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
