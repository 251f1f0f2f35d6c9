using Estream.Esf;

namespace Estream.Wire;

/// <summary>The kind of a payload.</summary>
public enum PayloadKind
{
    /// <summary>A JSON object with the fields of the schema.</summary>
    Json,

    /// <summary>The value of one field: bytes, text for a string, decimal text for a number.</summary>
    Raw,

    /// <summary>A message of the protocol, read by an <see cref="IPayloadTranslator"/> of the adapter.</summary>
    Translated,
}

/// <summary>Maps topics to messages of a schema. Immutable and thread-safe.</summary>
public sealed class TopicMapping
{
    /// <summary>The initial estimate of the bytes of a message in addition to payload and topic.</summary>
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

    /// <summary>The queue.</summary>
    public string Queue { get; }

    /// <summary>The kind of the payload.</summary>
    public PayloadKind Payload { get; }

    /// <summary>The field with the value of a raw payload; null for JSON.</summary>
    public EsfField? Field { get; }

    /// <summary>The timestamp field for the arrival time; null for none.</summary>
    public EsfField? ReceivedAt { get; }

    /// <summary>The queues of the sub-lexes of the schema, by name of the sub-lex.</summary>
    public IReadOnlyDictionary<string, string> SubLexes { get; }

    /// <summary>The same mapping with queues for the sub-lexes of its schema. <see cref="IngressRoutes"/> requires all of
    /// them.</summary>
    /// <param name="queues">The queues, by name of the sub-lex.</param>
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
    /// <exception cref="FormatException">The pattern is invalid.</exception>
    public static TopicMapping Json(string topic, EsfSchema schema, string queue) => Json(topic, schema, queue, receivedAt: null);

    /// <summary>A mapping of JSON payloads, for devices without a clock.</summary>
    /// <param name="topic">The pattern.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="receivedAt">A timestamp field for the arrival time, which payloads must not have; null for none.</param>
    /// <exception cref="FormatException">The pattern or the field is invalid.</exception>
    public static TopicMapping Json(string topic, EsfSchema schema, string queue, string? receivedAt)
    {
        ArgumentNullException.ThrowIfNull(schema);
        TopicPattern pattern = TopicPattern.Parse(topic, schema);
        return new TopicMapping(pattern, schema, queue, PayloadKind.Json, null, TimeField(pattern, schema, topic, receivedAt, value: null));
    }

    /// <summary>A mapping of raw payloads.</summary>
    /// <param name="topic">The pattern.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="field">A bytes, string, bool or numeric field: the payload is its value.</param>
    /// <param name="receivedAt">A timestamp field for the arrival time, or null.</param>
    /// <exception cref="FormatException">The pattern or a field is invalid.</exception>
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

        EsfField? time = TimeField(pattern, schema, topic, receivedAt, value);
        if (pattern.Fields.Contains(value))
        {
            throw GivenTwice(schema, topic);
        }

        return new TopicMapping(pattern, schema, queue, PayloadKind.Raw, value, time);
    }

    /// <summary>A mapping of messages that the adapter translates.</summary>
    /// <param name="topic">The pattern, without captures, because the translator determines the fields.</param>
    /// <param name="schema">The schema of the translated messages.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="translator">Reads the payloads.</param>
    /// <exception cref="FormatException">The pattern is invalid or captures a field.</exception>
    public static TopicMapping Translated(string topic, EsfSchema schema, string queue, IPayloadTranslator translator)
    {
        ArgumentNullException.ThrowIfNull(translator);
        TopicPattern pattern = TopicPattern.Parse(topic, schema);
        return pattern.CaptureCount == 0
            ? new TopicMapping(pattern, schema, queue, PayloadKind.Translated, null, null, null, translator)
            : throw new FormatException($"'{topic}' captures a field; a mapping of translated messages cannot capture fields.");
    }

    /// <summary>A length that is sufficient for nearly all messages.</summary>
    internal int EstimateLength(in WireMessage message) =>
        _translator?.EstimateLength(message) ?? EncodingReserve + (2 * message.Payload.Length) + message.Topic.Length;

    /// <summary>Encodes a message whose topic matches the pattern.</summary>
    /// <param name="message">The message.</param>
    /// <param name="captures">The captures of the pattern.</param>
    /// <param name="raw">Converts raw payloads to JSON; used by the calling thread only.</param>
    /// <param name="destination">Receives the message.</param>
    /// <param name="length">Bytes written; 0 after a failure.</param>
    internal TranslateStatus Translate(
        in WireMessage message, ReadOnlySpan<FieldCapture> captures, RawPayload raw, Span<byte> destination, out int length)
    {
        if (_translator is not null)
        {
            return _translator.Translate(message, destination, out length);
        }

        ReadOnlySpan<byte> json = message.Payload;
        if (Payload == PayloadKind.Json && ReceivedAt is not null)
        {
            json = raw.WithTime(ReceivedAt, message.Payload);
        }
        else if (Payload == PayloadKind.Raw)
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

    private static EsfField? TimeField(TopicPattern pattern, EsfSchema schema, string topic, string? receivedAt, EsfField? value)
    {
        if (receivedAt is null)
        {
            return null;
        }

        EsfField time = Find(schema, receivedAt);
        return !RawPayload.IsTimestamp(time)
                ? throw new FormatException($"Field '{receivedAt}' of {schema.Name} is a {time.TypeName}; ReceivedAt needs a timestamp.")
            : time == value || pattern.Fields.Contains(time) ? throw GivenTwice(schema, topic)
            : time;
    }

    private static FormatException GivenTwice(EsfSchema schema, string topic) =>
        new($"A field of {schema.Name} is given twice: by the topic '{topic}', by Field or by ReceivedAt.");

    private static EsfField Find(EsfSchema schema, string name)
    {
        return schema.TryGetField(name, out EsfField? field)
            ? field
            : throw new FormatException(
                $"{schema.Name} has no field '{name}'; it has: {string.Join(", ", schema.Fields.Select(candidate => candidate.Name))}.");
    }
}

/// <summary>Translates messages of a protocol into messages of a schema. Thread-safe: the connections of an adapter share
/// it.</summary>
public interface IPayloadTranslator
{
    /// <summary>Encodes a message. Allocates nothing for valid messages; does not throw for any received bytes.</summary>
    /// <param name="message">The received message.</param>
    /// <param name="destination">Receives the ESF message; undefined after a failure.</param>
    /// <param name="length">Bytes written; 0 after a failure.</param>
    TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length);

    /// <summary>Returns a length that is sufficient for nearly all messages, or null for an estimate from the length of the payload. A
    /// translator that uses a part of the payload needs less.</summary>
    /// <param name="message">The received message.</param>
    int? EstimateLength(in WireMessage message) => null;
}
