using Estream.Esf;
using Estream.Wire.Iso20022.Mapping;
using Estream.Wire.Iso20022.Validation;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022;

/// <summary>
/// Turns messages of ISO 20022 into messages of ESF: pacs.008 into <c>Pacs008CreditTransfer</c> and pacs.002 into <c>Pacs002StatusReport</c> of the pack <c>esf-payments</c>. A message is checked by its schema first, all of it; amounts
/// and rates are exact. Private fields stand in clear in what is written: an <see cref="EsfSealer"/> comes next. To be used again and again; then it allocates nothing for a message that is right. Not thread-safe.
/// </summary>
public sealed class Iso20022Translator
{
    private static readonly (string Message, string Schema)[] s_schemas = [("pacs.008.", "Pacs008CreditTransfer"), ("pacs.002.", "Pacs002StatusReport")];

    private readonly EsfSchemaSet _schemas;
    private readonly XmlFeed _feed;
    private readonly MessageMapper _mapper;
    private readonly MessageCheck _check;

    /// <summary>Creates a translator.</summary>
    /// <param name="schemas">Has the schemas of the pack; of a message whose schema it has not, <see cref="TranslateCode.NotMapped"/> is said.</param>
    /// <param name="limits">How much of a message is read.</param>
    /// <exception cref="WireConfigurationException">A limit is out of range.</exception>
    public Iso20022Translator(EsfSchemaSet schemas, Iso20022Limits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        limits ??= new Iso20022Limits();
        _schemas = schemas;
        _feed = new XmlFeed(limits);
        _mapper = new MessageMapper(limits);
        _check = new MessageCheck(limits, _mapper);
    }

    /// <summary>What was found wrong with the last message.</summary>
    public IReadOnlyList<Iso20022Finding> Findings => _check.Findings;

    /// <summary>How many elements of the last message have no place in ESF, each with all that is in it.</summary>
    public long LeftOut => _mapper.LeftOut;

    /// <summary>Translates a message.</summary>
    /// <param name="document">The message in XML, whole, in an envelope or without.</param>
    /// <param name="destination">Takes the message of ESF; what it holds after a failure means nothing.</param>
    /// <param name="schema">The schema of the message; null after a failure.</param>
    /// <param name="length">Bytes written; 0 after a failure.</param>
    /// <returns>What came of it. Its words have names of elements and fields, and no values.</returns>
    public TranslateStatus ToEsf(ReadOnlySpan<byte> document, Span<byte> destination, out EsfSchema? schema, out int length)
    {
        schema = null;
        length = 0;
        _feed.Reset();
        _check.Reset();
        _mapper.Reset();
        Read(document);
        TranslateStatus status = Find(out EsfSchema? found);
        if (status.IsOk)
        {
            status = TranslateStatus.Of(EsfJson.TryEncode(found!, _mapper.Json, destination, out length));
            schema = status.IsOk ? found : null;
        }

        // The words of a refusal are made of the schema alone, so nothing of the message is needed any more.
        _feed.Reset();
        _mapper.Clear();
        _check.Forget();
        return status;
    }

    private void Read(ReadOnlySpan<byte> document)
    {
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

    private TranslateStatus Find(out EsfSchema? schema)
    {
        schema = null;
        if (Findings.Count > 0)
        {
            return TranslateStatus.Unfit(Findings.Count == 1 ? Findings[0].ToString() : $"{Findings[0]}, and {Findings.Count - 1} more");
        }

        string definition = _check.Message!.Name;
        string? name = null;
        foreach ((string message, string translated) in s_schemas)
        {
            name = definition.StartsWith(message, StringComparison.Ordinal) ? translated : name;
        }

        if (name is null || !_mapper.IsMapped)
        {
            return TranslateStatus.Unsupported($"{definition} is checked, and not translated");
        }

        if (_mapper.IsTooLong)
        {
            return TranslateStatus.Unfit("the message is longer than MaxMappedBytes");
        }

        return _schemas.TryGet(name, out schema) ? TranslateStatus.Ok : TranslateStatus.NotMapped($"there is no schema {name}: it comes with the pack esf-payments");
    }
}
