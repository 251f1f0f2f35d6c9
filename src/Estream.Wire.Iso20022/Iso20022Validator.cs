using Estream.Wire.Iso20022.Json;
using Estream.Wire.Iso20022.Validation;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022;

/// <summary>
/// Validates ISO 20022 messages in XML against their schemas, including the header <c>head.001</c>, with or without a network envelope. A
/// message is read while it arrives and is not buffered, so memory does not grow with its length. Reusable after <see cref="Reset"/>; a
/// reused validator does not allocate for valid messages. JSON is accepted too, but buffered: members have the names of elements, repeated
/// elements are arrays, an amount is <c>{"Ccy":"EUR","value":"1.50"}</c>, and the version is in <c>@xmlns</c> of <c>Document</c> or in the
/// header. Not thread-safe.
/// </summary>
public sealed class Iso20022Validator
{
    private readonly DocumentFeed _feed;
    private readonly MessageCheck _check;
    private bool _isOver;

    /// <summary>Creates a validator.</summary>
    /// <param name="limits">The limits on messages; the defaults accept every message of the standard.</param>
    /// <param name="checks">How messages are checked.</param>
    /// <exception cref="WireConfigurationException">A limit is out of range.</exception>
    public Iso20022Validator(Iso20022Limits? limits = null, Iso20022Checks checks = Iso20022Checks.Schema)
    {
        limits ??= new Iso20022Limits();
        _feed = new DocumentFeed(limits);
        _check = new MessageCheck(limits, checks);
    }

    /// <summary>The name and version of the message, such as <c>pacs.008.001.08</c>; null before the message has begun, and if there is no
    /// schema for the message.</summary>
    public string? Definition => _check.Message?.Name;

    /// <summary>The name and version of the header; null if there is none. A header of a version without a schema is skipped.</summary>
    public string? HeaderDefinition => _check.Header?.Name;

    /// <summary>The findings so far, in the order of the message.</summary>
    public IReadOnlyList<Iso20022Finding> Findings => _check.Findings;

    /// <summary>Reads a piece of the message, of any length.</summary>
    /// <param name="piece">The next bytes of the message.</param>
    /// <returns>False if no more bytes are needed, because the bytes are not XML or there are too many errors; see
    /// <see cref="Findings"/>.</returns>
    public bool Feed(ReadOnlySpan<byte> piece) => Push(piece, isLast: false);

    /// <summary>Ends the message.</summary>
    /// <returns>Whether the bytes were a message without findings.</returns>
    public bool Complete()
    {
        Push(default, isLast: true);
        return Findings.Count == 0;
    }

    /// <summary>Prepares for another message. The buffers of the current message are overwritten.</summary>
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
            // _check and _feed may hold private content of the message. It is no longer needed, because the findings are complete.
            _check.Forget();
            _feed.Reset();
        }

        return !_isOver;
    }
}

/// <summary>How messages are checked.</summary>
public enum Iso20022Checks
{
    /// <summary>Against the schema of their version.</summary>
    Schema,

    /// <summary>
    /// Against the schema and further rules of the standard: the check digits of an IBAN; no more fraction digits of an amount than its
    /// currency has; in a credit transfer, <c>NbOfTxs</c>, <c>CtrlSum</c> and <c>TtlIntrBkSttlmAmt</c> match the transactions, all
    /// transactions have one currency, and no <c>UETR</c> occurs twice, among 65,536; in a status report, every rejection has a reason; in
    /// a statement with all the necessary values, the opening balance plus the booked entries is the closing balance; a header names the
    /// version of the message that follows.
    /// </summary>
    SchemaAndRules,

    /// <summary>As <see cref="SchemaAndRules"/>, and against two of the CBPR+ usage guidelines: metals are not allowed as currencies; an
    /// <c>InstrId</c> has no slash at either end and no two adjacent slashes. The other guidelines are not checked.</summary>
    CrossBorder,
}

/// <summary>An error in a message, with its position. It contains names of elements but no values, which may be private. A name that the
/// schema does not have is included as received.</summary>
/// <param name="Reason">The kind of error.</param>
/// <param name="Position">The offset in bytes of the tag, text or comment at which the error was found; negative for a JSON message, whose
/// members have no order.</param>
/// <param name="Path">
/// The element or attribute, from the root of the message: <c>Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/IntrBkSttlmAmt/@Ccy</c>. Repeatable
/// elements are numbered from 1. Empty if the error is outside the message and its header.
/// </param>
public sealed record Iso20022Finding(Iso20022Reason Reason, long Position, string Path)
{
    /// <summary>Whether the last name of the path is not in the schema: the sender chose it, and it may contain a value.</summary>
    internal bool EndsInStranger { get; init; }

    /// <summary>The finding as text.</summary>
    public override string ToString() =>
        (Path.Length > 0 ? $"{Path}: {Reason}" : $"{Reason}") + (Position < 0 ? "" : $" (at byte {Position})");

    /// <summary>The finding as text for dead letters and events, whose readers may not be allowed to read the message.</summary>
    internal string ToPublicString() => EndsInStranger
        ? (this with { Path = $"{Path[..(Path.LastIndexOf('/') + 1)]}?", EndsInStranger = false }).ToString()
        : ToString();
}
