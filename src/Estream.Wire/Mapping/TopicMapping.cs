using Estream.Esf;

namespace Estream.Wire;

/// <summary>What a payload is.</summary>
public enum PayloadKind
{
    /// <summary>One JSON object with the schema's fields.</summary>
    Json,

    /// <summary>The value of one field: any bytes for a bytes field, text for a string, decimal text for a number.</summary>
    Raw,

    /// <summary>A message of the protocol itself, which an <see cref="IPayloadTranslator"/> of the adapter reads.</summary>
    Translated,
}

/// <summary>Says which topics become messages of which schema, and how. Immutable and thread-safe.</summary>
public sealed class TopicMapping
{
    /// <summary>Bytes of a message beyond those of its payload and topic, before the first attempt to encode it.</summary>
    private const int EncodingReserve = 512;

    private readonly IPayloadTranslator? _translator;

    private TopicMapping(
        TopicPattern pattern, EsfSchema schema, string queue, PayloadKind payload, EsfField? field, EsfField? receivedAt,
        IReadOnlyDictionary<string, string>? subLexes = null, IPayloadTranslator? translator = null)
    {
        Pattern = pattern;
        Schema = schema;
        Queue = queue;
        Payload = payload;
        Field = field;
        ReceivedAt = receivedAt;
        SubLexes = subLexes ?? new Dictionary<string, string>();
        _translator = translator;
    }

    /// <summary>The topics.</summary>
    public TopicPattern Pattern { get; }

    /// <summary>The schema of the messages.</summary>
    public EsfSchema Schema { get; }

    /// <summary>The queue they go to.</summary>
    public string Queue { get; }

    /// <summary>What the payload is.</summary>
    public PayloadKind Payload { get; }

    /// <summary>The field a raw payload is the value of; null for JSON.</summary>
    public EsfField? Field { get; }

    /// <summary>The timestamp field that takes the time of arrival of a raw payload; null for none.</summary>
    public EsfField? ReceivedAt { get; }

    /// <summary>The queues that the sub-lexes of the schema are kept in, by their names.</summary>
    public IReadOnlyDictionary<string, string> SubLexes { get; }

    /// <summary>The same mapping with queues for the sub-lexes of its schema. One that lacks some is refused by
    /// <see cref="IngressRoutes"/>.</summary>
    /// <param name="queues">The queues by the names of the sub-lexes.</param>
    /// <exception cref="ArgumentException">The schema has no such sub-lex.</exception>
    public TopicMapping WithSubLexes(IReadOnlyDictionary<string, string> queues)
    {
        ArgumentNullException.ThrowIfNull(queues);
        return queues.Keys.FirstOrDefault(name => !Schema.SubLexes.Contains(name, StringComparer.Ordinal)) is { } stranger
            ? throw new ArgumentException(
                $"{Schema.Name} has no sub-lex '{stranger}'; it has: {string.Join(", ", Schema.SubLexes.DefaultIfEmpty("none"))}.",
                nameof(queues))
            : new TopicMapping(Pattern, Schema, Queue, Payload, Field, ReceivedAt, queues, _translator);
    }

    /// <summary>A mapping of JSON payloads.</summary>
    /// <exception cref="FormatException">The pattern is not one.</exception>
    public static TopicMapping Json(string topic, EsfSchema schema, string queue)
    {
        return new TopicMapping(TopicPattern.Parse(topic, schema), schema, queue, PayloadKind.Json, null, null);
    }

    /// <summary>A mapping of raw payloads.</summary>
    /// <param name="topic">The pattern.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="field">A bytes, string, bool or numeric field: the payload is its value.</param>
    /// <param name="receivedAt">A timestamp field that takes the time of arrival, or null.</param>
    /// <exception cref="FormatException">The pattern or a field does not fit.</exception>
    public static TopicMapping Raw(string topic, EsfSchema schema, string queue, string field, string? receivedAt = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        TopicPattern pattern = TopicPattern.Parse(topic, schema);
        EsfField value = Find(schema, field);
        if (!RawPayload.CanTake(value))
        {
            throw new FormatException(
                $"Field '{field}' of {schema.Name} is a {value.TypeName}; a raw payload can be a string, bytes, bool or number.");
        }

        EsfField? time = receivedAt is null ? null : Find(schema, receivedAt);
        if (time is not null && !RawPayload.IsTimestamp(time))
        {
            throw new FormatException(
                $"Field '{receivedAt}' of {schema.Name} is a {time.TypeName}; the time of arrival needs a timestamp.");
        }

        if (pattern.Fields.Contains(value) || (time is not null && (time == value || pattern.Fields.Contains(time))))
        {
            throw new FormatException($"A field of {schema.Name} is given twice: by the topic '{topic}', by Field or by ReceivedAt.");
        }

        return new TopicMapping(pattern, schema, queue, PayloadKind.Raw, value, time);
    }

    /// <summary>A mapping of messages that the adapter itself translates.</summary>
    /// <param name="topic">The pattern; it captures nothing, since the translator alone says what the fields are.</param>
    /// <param name="schema">The schema of what the translator writes.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="translator">Reads the payloads.</param>
    /// <exception cref="FormatException">The pattern is not one, or it captures a field.</exception>
    public static TopicMapping Translated(string topic, EsfSchema schema, string queue, IPayloadTranslator translator)
    {
        ArgumentNullException.ThrowIfNull(translator);
        TopicPattern pattern = TopicPattern.Parse(topic, schema);
        return pattern.CaptureCount == 0
            ? new TopicMapping(pattern, schema, queue, PayloadKind.Translated, null, null, null, translator)
            : throw new FormatException($"'{topic}' captures a field, and its messages are translated whole.");
    }

    /// <summary>A length that is nearly always enough for a message.</summary>
    internal static int EstimateLength(in WireMessage message)
    {
        return EncodingReserve + (2 * message.Payload.Length) + message.Topic.Length;
    }

    /// <summary>Encodes a message whose topic this mapping's pattern matches.</summary>
    /// <param name="message">The message.</param>
    /// <param name="captures">What the pattern captured.</param>
    /// <param name="raw">Turns raw payloads into JSON; of the calling thread.</param>
    /// <param name="destination">Takes the message.</param>
    /// <param name="length">Bytes written; 0 after a failure.</param>
    internal TranslateStatus Translate(
        in WireMessage message, ReadOnlySpan<FieldCapture> captures, RawPayload raw, Span<byte> destination, out int length)
    {
        if (_translator is not null)
        {
            return _translator.Translate(message, destination, out length);
        }

        ReadOnlySpan<byte> json = message.Payload;
        if (Payload == PayloadKind.Raw)
        {
            TranslateStatus status = raw.ToJson(this, message.Payload, out json);
            if (!status.IsOk)
            {
                length = 0;
                return status;
            }
        }

        return TranslateStatus.Of(EsfJson.TryEncode(Schema, json, message.Topic, captures, destination, out length));
    }

    private static EsfField Find(EsfSchema schema, string name)
    {
        return schema.TryGetField(name, out EsfField? field)
            ? field
            : throw new FormatException(
                $"{schema.Name} has no field '{name}'; it has: {string.Join(", ", schema.Fields.Select(candidate => candidate.Name))}.");
    }
}

/// <summary>Turns what a protocol of its own sends into messages of one schema. Thread-safe: the connections of an adapter share
/// it.</summary>
public interface IPayloadTranslator
{
    /// <summary>Encodes a message. Allocates nothing for one that is right; never throws on bytes from the wire.</summary>
    /// <param name="message">The message as it came.</param>
    /// <param name="destination">Takes the ESF message; what it holds after a failure means nothing.</param>
    /// <param name="length">Bytes written; 0 after a failure.</param>
    TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length);
}
