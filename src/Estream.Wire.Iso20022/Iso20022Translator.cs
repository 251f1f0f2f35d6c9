using System.Buffers;
using System.Security.Cryptography;
using Estream.Esf;
using Estream.Wire.Iso20022.Json;
using Estream.Wire.Iso20022.Mapping;
using Estream.Wire.Iso20022.Validation;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022;

/// <summary>
/// Converts ISO 20022 messages to ESF messages of the pack <c>esf-payments</c> and back: pacs.008 to <c>Pacs008CreditTransfer</c>, pacs.002
/// to <c>Pacs002StatusReport</c>, camt.053 with one statement to <c>Camt053Statement</c>, camt.052 with one report to
/// <c>Camt052Report</c>. Use an <see cref="Iso20022Reader"/> for messages with several statements and for long messages. Each message is
/// first checked completely against its schema; amounts and rates are exact. Private fields are written as plaintext; seal the messages
/// with an <see cref="EsfSealer"/>. Reusable; a reused translator does not allocate when it converts a valid message to ESF. Not
/// thread-safe.
/// </summary>
public sealed class Iso20022Translator
{
    private readonly Func<string, EsfSchema?> _find;
    private readonly Iso20022Limits _limits;
    private readonly Iso20022Checks _checks;
    private readonly DocumentFeed _feed;
    private readonly MessageMapper _mapper;
    private readonly RecordMapper _records;
    private readonly MessageCheck _check;

    /// <summary>Creates a translator.</summary>
    /// <param name="schemas">A set with the schemas of the pack. A message whose schema is missing gives
    /// <see cref="TranslateCode.NotMapped"/>.</param>
    /// <param name="limits">The limits on messages.</param>
    /// <param name="checks">How messages are checked, in both directions.</param>
    /// <exception cref="WireConfigurationException">A limit is out of range.</exception>
    public Iso20022Translator(EsfSchemaSet schemas, Iso20022Limits? limits = null, Iso20022Checks checks = Iso20022Checks.Schema)
        : this(MappedMessages.In(schemas), limits ?? new Iso20022Limits(), checks)
    {
    }

    /// <summary>Creates a translator with a function that provides schemas.</summary>
    /// <param name="find">Returns the schema with a name; null if there is none.</param>
    /// <param name="limits">The limits on messages.</param>
    /// <param name="checks">How messages are checked.</param>
    internal Iso20022Translator(Func<string, EsfSchema?> find, Iso20022Limits limits, Iso20022Checks checks)
    {
        _find = find;
        _limits = limits;
        _checks = checks;
        _feed = new DocumentFeed(limits);
        _mapper = new MessageMapper(limits);
        _records = new RecordMapper(find, limits, _mapper);
        _check = new MessageCheck(limits, checks, _records);
    }

    /// <summary>The name and version of the last message; null if there is no schema for it.</summary>
    internal string? Definition => _check.Message?.Name;

    /// <summary>The findings for the last message.</summary>
    public IReadOnlyList<Iso20022Finding> Findings => _check.Findings;

    /// <summary>The number of elements of the last message without a counterpart in ESF; an element counts once with all its
    /// content.</summary>
    public long LeftOut => _records.IsTaking ? _records.LeftOut : _mapper.LeftOut;

    /// <summary>Converts a message to ESF.</summary>
    /// <param name="document">The complete message as XML or JSON, with or without an envelope.</param>
    /// <param name="destination">Receives the ESF message; its content is undefined after a failure.</param>
    /// <param name="schema">The schema of the message; null after a failure.</param>
    /// <param name="length">The number of bytes written; 0 after a failure.</param>
    /// <returns>The outcome. Its text contains names of elements and fields, but no values.</returns>
    public TranslateStatus ToEsf(ReadOnlySpan<byte> document, Span<byte> destination, out EsfSchema? schema, out int length)
    {
        schema = null;
        length = 0;
        Read(document, isUnfit: false);
        if (_records.IsUnfit && Findings.Count == 0)
        {
            // Convert again through JSON, because the JSON encoder reports which value does not fit.
            Read(document, isUnfit: true);
        }

        TranslateStatus status = Find(out EsfSchema? found);
        if (status.IsOk)
        {
            status = _records.IsTaking ? Copy(destination, out length) : Encode(found!, destination, out length);
            schema = status.IsOk ? found : null;
        }

        // The text of a rejection is built from the schema, so no content of the message is needed any more.
        _feed.Reset();
        _mapper.Clear();
        _records.Clear();
        _check.Forget();
        return status;
    }

    /// <summary>Converts an ESF message to XML of the version in its field <c>message_definition</c>. The result is checked against the
    /// schema of that version.</summary>
    /// <param name="schema">The schema of the message.</param>
    /// <param name="message">The message. Private fields must have been decrypted with an <see cref="EsfUnsealer"/>; otherwise the message
    /// is rejected.</param>
    /// <param name="destination">Receives the message as one line of XML; nothing is written after a failure.</param>
    /// <returns>The outcome. Its text contains names of elements and fields, but no values.</returns>
    public TranslateStatus ToXml(EsfSchema schema, ReadOnlySpan<byte> message, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(destination);
        byte[] part = message.ToArray();
        ArrayBufferWriter<byte> xml = new();
        try
        {
            TranslateStatus status = ToXml(schema, [part], xml);
            if (status.IsOk)
            {
                destination.Write(xml.WrittenSpan);
            }

            return status;
        }
        finally
        {
            // These buffers contain private values as plaintext.
            CryptographicOperations.ZeroMemory(part);
            xml.Clear();
        }
    }

    /// <summary>
    /// Converts the parts of a statement to one message of the version they name. Memory is bounded by one part: the next part is requested
    /// after the previous one was written to the destination.
    /// </summary>
    /// <param name="schema">The schema of the parts.</param>
    /// <param name="parts">All parts in order, decrypted like a single message. A message that is not a part must be the only item.</param>
    /// <param name="destination">Receives the message as one line of XML. After a failure it may contain the beginning of a
    /// message.</param>
    /// <returns>The outcome. Its text contains names of elements and fields, but no values.</returns>
    public TranslateStatus ToXml(EsfSchema schema, IEnumerable<ReadOnlyMemory<byte>> parts, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(destination);
        using MessageEgress egress = new(schema, parts, new Iso20022Validator(_limits, _checks), destination);
        return egress.Run();
    }

    private void Read(ReadOnlySpan<byte> document, bool isUnfit)
    {
        _feed.Reset();
        _check.Reset();
        _mapper.Reset();
        _records.Reset(isUnfit);
        XmlReadStatus status = _feed.Push(document, isLast: true, _check);
        if (status == XmlReadStatus.Refused)
        {
            _check.Refuse(_feed.Fault);
        }
        else if (status == XmlReadStatus.End)
        {
            _check.Finish(_feed.Position);
        }
    }

    private TranslateStatus Copy(Span<byte> destination, out int length)
    {
        bool fits = _records.Record.TryCopyTo(destination);
        length = fits ? _records.Record.Length : 0;
        return fits ? TranslateStatus.Ok : TranslateStatus.DestinationTooSmall;
    }

    private TranslateStatus Encode(EsfSchema schema, Span<byte> destination, out int length)
    {
        EsfStatus encoded = EsfJson.TryEncode(schema, _mapper.Json, destination, out length);

        // An offset in this internal JSON means nothing to the caller, so the description is built here and not from the original bytes.
        return encoded.IsOk || encoded.IsDestinationTooSmall
            ? TranslateStatus.Of(encoded)
            : TranslateStatus.Unfit(encoded.Describe(_mapper.Json));
    }

    private TranslateStatus Find(out EsfSchema? schema)
    {
        schema = null;
        return Findings.Count > 0 ? MappedMessages.Wrong(Findings)
            : _mapper.IsTooLong ? MappedMessages.TooLong()
            : _mapper.IsSeveral
                ? TranslateStatus.Unsupported($"{_check.Message!.Name} has several statements: use an {nameof(Iso20022Reader)}")
            : (schema = _records.Schema) is not null ? TranslateStatus.Ok
            : MappedMessages.Find(_check.Message!.Name, _find, out schema);
    }
}
