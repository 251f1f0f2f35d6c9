namespace Estream.Wire.Iso20022;

/// <summary>What is wrong with a message, and where. It has names of elements and no values: those may be private. A name that the schema
/// does not have is there as it came.</summary>
/// <param name="Reason">What is wrong.</param>
/// <param name="Position">How many bytes stand before the tag, text or comment at which it was found; below 0 for a message in JSON, whose
/// members have no order.</param>
/// <param name="Path">
/// The element or attribute, from the root of the message on: <c>Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/IntrBkSttlmAmt/@Ccy</c>.
/// Elements that may be repeated are counted from 1.
/// Empty where something is wrong outside of a message and its header.
/// </param>
public sealed record Iso20022Finding(Iso20022Reason Reason, long Position, string Path)
{
    /// <summary>Whether the last name of the path is one that the schema has nowhere: whoever made the message has chosen it, and it may be
    /// a value.</summary>
    internal bool EndsInStranger { get; init; }

    /// <summary>For people.</summary>
    public override string ToString() => (Path.Length > 0 ? $"{Path}: {Reason}" : $"{Reason}") + (Position < 0 ? "" : $" (at byte {Position})");

    /// <summary>For dead letters and events, which are shown to more than those whom the message is for.</summary>
    internal string ToPublicString() => EndsInStranger ? (this with { Path = $"{Path[..(Path.LastIndexOf('/') + 1)]}?", EndsInStranger = false }).ToString() : ToString();
}
