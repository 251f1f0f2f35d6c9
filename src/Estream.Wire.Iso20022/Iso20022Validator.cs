using Estream.Wire.Iso20022.Json;
using Estream.Wire.Iso20022.Validation;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022;

/// <summary>
/// Checks messages of ISO 20022 as XML by their schemas, with the header <c>head.001</c> and within envelopes of networks or without. A
/// message is read while it arrives and never held: memory does not grow with it. To be used again after <see cref="Reset"/>; then it
/// allocates nothing for a message that is right. JSON is taken too, and held: names of elements are names of members, those that are
/// repeated arrays, an amount is <c>{"Ccy":"EUR","value":"1.50"}</c>, and the version stands in <c>@xmlns</c> of <c>Document</c>, or in its
/// header. Not thread-safe.
/// </summary>
public sealed class Iso20022Validator
{
    private readonly DocumentFeed _feed;
    private readonly MessageCheck _check;
    private bool _isOver;

    /// <summary>Creates a validator.</summary>
    /// <param name="limits">How much of a message is read; the defaults take every message of the standard.</param>
    /// <param name="checks">What messages are held to.</param>
    /// <exception cref="WireConfigurationException">A limit is out of range.</exception>
    public Iso20022Validator(Iso20022Limits? limits = null, Iso20022Checks checks = Iso20022Checks.Schema)
    {
        limits ??= new Iso20022Limits();
        _feed = new DocumentFeed(limits);
        _check = new MessageCheck(limits, checks);
    }

    /// <summary>Name and version of the message, as in <c>pacs.008.001.08</c>; null as long as it has not begun, and where there is no
    /// schema for it.</summary>
    public string? Definition => _check.Message?.Name;

    /// <summary>Name and version of its header; null where there is none. One of a version without a schema is passed over.</summary>
    public string? HeaderDefinition => _check.Header?.Name;

    /// <summary>What was found wrong so far, in the order of the message.</summary>
    public IReadOnlyList<Iso20022Finding> Findings => _check.Findings;

    /// <summary>Takes a piece of the message, of any length.</summary>
    /// <param name="piece">The bytes that have come.</param>
    /// <returns>False when no more are wanted: what has come is no XML, or too much is wrong. <see cref="Findings"/> say what.</returns>
    public bool Feed(ReadOnlySpan<byte> piece) => Push(piece, isLast: false);

    /// <summary>Says that nothing more comes.</summary>
    /// <returns>Whether it was a message, and nothing was wrong with it.</returns>
    public bool Complete()
    {
        Push(default, isLast: true);
        return Findings.Count == 0;
    }

    /// <summary>Makes it ready for another message. What it held of this one is overwritten.</summary>
    public void Reset()
    {
        _feed.Reset();
        _check.Reset();
        _isOver = false;
    }

    private bool Push(ReadOnlySpan<byte> piece, bool isLast)
    {
        if (_isOver)
        {
            return false;
        }

        XmlReadStatus status = _feed.Push(piece, isLast, _check);
        _isOver = status != XmlReadStatus.NeedMore;
        if (status == XmlReadStatus.Refused)
        {
            _check.Refuse(_feed.Fault);
        }
        else if (status == XmlReadStatus.End)
        {
            _check.Finish(_feed.Position);
        }

        if (_isOver)
        {
            // What both hold of the message may be private; what was found has been said.
            _check.Forget();
            _feed.Reset();
        }

        return !_isOver;
    }
}

/// <summary>What a message is held to.</summary>
public enum Iso20022Checks
{
    /// <summary>The schema of its version.</summary>
    Schema,

    /// <summary>
    /// The schema, and what the standard asks beyond it: the check digits of an IBAN; no more digits of an amount than its currency has; in
    /// a credit transfer that <c>NbOfTxs</c>, <c>CtrlSum</c> and <c>TtlIntrBkSttlmAmt</c> are those of its transactions, and their currency
    /// one, and that no <c>UETR</c> stands twice, among 65,536; in a status report that what is rejected has a reason; in a statement,
    /// where it says all that is needed, that its booked entries lead from the opening to the closing balance; and that a header names the
    /// version of the message behind it.
    /// </summary>
    SchemaAndRules,

    /// <summary>All of these, and of the usage guidelines of CBPR+ that no metal is a currency and that the slashes of an <c>InstrId</c>
    /// are neither at its ends nor two together. It is a part of these guidelines, not all of them.</summary>
    CrossBorder,
}

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
    public override string ToString() =>
        (Path.Length > 0 ? $"{Path}: {Reason}" : $"{Reason}") + (Position < 0 ? "" : $" (at byte {Position})");

    /// <summary>For dead letters and events, which are shown to more than those whom the message is for.</summary>
    internal string ToPublicString() => EndsInStranger
        ? (this with { Path = $"{Path[..(Path.LastIndexOf('/') + 1)]}?", EndsInStranger = false }).ToString()
        : ToString();
}
