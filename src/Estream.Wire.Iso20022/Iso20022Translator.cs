using System.Buffers;
using System.Security.Cryptography;
using Estream.Esf;
using Estream.Wire.Iso20022.Json;
using Estream.Wire.Iso20022.Mapping;
using Estream.Wire.Iso20022.Validation;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022;

/// <summary>
/// Turns messages of ISO 20022 into messages of ESF and back: pacs.008 into <c>Pacs008CreditTransfer</c>, pacs.002 into
/// <c>Pacs002StatusReport</c>, camt.053 with one statement into <c>Camt053Statement</c>, camt.052 with one report into <c>Camt052Report</c>
/// of the pack <c>esf-payments</c>; more of them at once, and long ones, are for an <see cref="Iso20022Reader"/>. A message is checked by
/// its schema first, all of it; amounts and rates are exact. Private fields stand in clear in what is written: an <see cref="EsfSealer"/>
/// comes next. To be used again and again: to ESF it then allocates nothing for a message that is right. Not thread-safe.
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
    /// <param name="schemas">Has the schemas of the pack; of a message whose schema it has not, <see cref="TranslateCode.NotMapped"/> is
    /// said.</param>
    /// <param name="limits">How much of a message is read.</param>
    /// <param name="checks">What messages are held to, in both directions.</param>
    /// <exception cref="WireConfigurationException">A limit is out of range.</exception>
    public Iso20022Translator(EsfSchemaSet schemas, Iso20022Limits? limits = null, Iso20022Checks checks = Iso20022Checks.Schema)
        : this(MappedMessages.In(schemas), limits ?? new Iso20022Limits(), checks)
    {
    }

    /// <summary>Creates a translator for schemas that somebody else knows.</summary>
    /// <param name="find">Says the schema of a name; null where there is none.</param>
    /// <param name="limits">How much of a message is read.</param>
    /// <param name="checks">What messages are held to.</param>
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

    /// <summary>Name and version of the last message; null where there is no schema for it.</summary>
    internal string? Definition => _check.Message?.Name;

    /// <summary>What was found wrong with the last message.</summary>
    public IReadOnlyList<Iso20022Finding> Findings => _check.Findings;

    /// <summary>How many elements of the last message have no place in ESF, each with all that is in it.</summary>
    public long LeftOut => _records.IsTaking ? _records.LeftOut : _mapper.LeftOut;

    /// <summary>Translates a message.</summary>
    /// <param name="document">The message in XML or JSON, whole, in an envelope or without.</param>
    /// <param name="destination">Takes the message of ESF; what it holds after a failure means nothing.</param>
    /// <param name="schema">The schema of the message; null after a failure.</param>
    /// <param name="length">Bytes written; 0 after a failure.</param>
    /// <returns>What came of it. Its words have names of elements and fields, and no values.</returns>
    public TranslateStatus ToEsf(ReadOnlySpan<byte> document, Span<byte> destination, out EsfSchema? schema, out int length)
    {
        schema = null;
        length = 0;
        Read(document, isUnfit: false);
        if (_records.IsUnfit && Findings.Count == 0)
        {
            // The same again, by way of JSON, which says what does not fit.
            Read(document, isUnfit: true);
        }

        TranslateStatus status = Find(out EsfSchema? found);
        if (status.IsOk)
        {
            status = _records.IsTaking ? Copy(destination, out length) : Encode(found!, destination, out length);
            schema = status.IsOk ? found : null;
        }

        // The words of a refusal are made of the schema alone, so nothing of the message is needed any more.
        _feed.Reset();
        _mapper.Clear();
        _records.Clear();
        _check.Forget();
        return status;
    }

    /// <summary>Translates a message of ESF back, into the version that its field <c>message_definition</c> names. What is written was
    /// checked by the schema of that version.</summary>
    /// <param name="schema">The schema of the message.</param>
    /// <param name="message">The message; where it has private fields, opened by an <see cref="EsfUnsealer"/>: without them it is
    /// refused.</param>
    /// <param name="destination">Takes the message in XML, in one line; nothing is written after a failure.</param>
    /// <returns>What came of it. Its words have names of elements and fields, and no values.</returns>
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
            // Overwritten: private values stand there in clear.
            CryptographicOperations.ZeroMemory(part);
            xml.Clear();
        }
    }

    /// <summary>
    /// Translates the parts of a statement back into one message, of the version that they name. Memory is that of one part: each is asked
    /// for when what was written of the one before is in the destination.
    /// </summary>
    /// <param name="schema">The schema of the parts.</param>
    /// <param name="parts">All parts, in their order, each opened as a single message is. A message that is no part stands alone.</param>
    /// <param name="destination">Takes the message in XML, in one line. It has no message after a failure, but may have the beginning of
    /// one.</param>
    /// <returns>What came of it. Its words have names of elements and fields, and no values.</returns>
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

        // Where it does not fit is a place in JSON that nobody else has: the words are made here, and not over the bytes of the bank.
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
                ? TranslateStatus.Unsupported($"{_check.Message!.Name} has several statements: an {nameof(Iso20022Reader)} takes them")
            : (schema = _records.Schema) is not null ? TranslateStatus.Ok
            : MappedMessages.Find(_check.Message!.Name, _find, out schema);
    }
}
