namespace Estream.Wire.Hl7.Codec;

/// <summary>The outcome of parsing a message.</summary>
public enum Hl7Status
{
    /// <summary>The message was parsed.</summary>
    Ok,

    /// <summary>The message is empty.</summary>
    Empty,

    /// <summary>The message does not begin with an MSH segment.</summary>
    NoHeader,

    /// <summary>MSH-1 or MSH-2 does not define valid delimiters.</summary>
    InvalidDelimiters,

    /// <summary>A segment does not begin with a name: a capital letter and two capital letters or digits.</summary>
    InvalidSegmentName,

    /// <summary>The message has a second MSH segment.</summary>
    SecondHeader,

    /// <summary>The message is longer than <see cref="Hl7Limits.MaxMessageBytes"/>.</summary>
    TooLong,

    /// <summary>The message has more segments than <see cref="Hl7Limits.MaxSegments"/>.</summary>
    TooManySegments,

    /// <summary>The message has more fields than <see cref="Hl7Limits.MaxFields"/>.</summary>
    TooManyFields,
}

/// <summary>Texts of <see cref="Hl7Status"/>. They never contain bytes of the message.</summary>
public static class Hl7StatusText
{
    /// <summary>One clause that says what is wrong, without a value of the message.</summary>
    /// <param name="status">The status.</param>
    public static string Describe(this Hl7Status status) => status switch
    {
        Hl7Status.Ok => "the message was parsed",
        Hl7Status.Empty => "the message is empty",
        Hl7Status.NoHeader => "the message does not begin with an MSH segment",
        Hl7Status.InvalidDelimiters => "MSH-1 and MSH-2 do not define valid delimiters",
        Hl7Status.InvalidSegmentName => "a segment does not begin with a name of three capital letters or digits",
        Hl7Status.SecondHeader => "the message has a second MSH segment; send a batch or separate messages",
        Hl7Status.TooLong => "the message is longer than MaxMessageBytes",
        Hl7Status.TooManySegments => "the message has more segments than MaxSegments",
        _ => "the message has more fields than MaxFields",
    };
}
