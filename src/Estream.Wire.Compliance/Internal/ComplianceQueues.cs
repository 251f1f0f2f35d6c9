using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Wire.Compliance.Internal;

/// <summary>A dead letter.</summary>
internal sealed record DeadLetter(string Source, string Topic, string Reason, string Payload);

/// <summary>The queues for messages and for dead letters, with small segments so that a full disk takes effect soon.</summary>
internal sealed class ComplianceQueues : IDisposable
{
    /// <summary>A number of messages that does not fit into two segments, however short the messages are. A queue has two segments before
    /// it needs more disk space.</summary>
    public const int MoreThanFits = 6_000;

    private const long SegmentBytes = 64 * 1024;

    private readonly IComplianceSubject _subject;
    private readonly EstreamQueue _data;
    private readonly EstreamQueue _letters;
    private readonly IngressSink _sink;

    public ComplianceQueues(string folder, IComplianceSubject subject)
    {
        _subject = subject;
        QueueOptions options = new() { SegmentBytes = SegmentBytes, Storage = Disk };
        _data = EstreamQueue.Open(Path.Combine(folder, "data"), options);
        _letters = EstreamQueue.Open(Path.Combine(folder, "dead-letters"), options);
        Sinks = new IngressSinks(_letters, subject.Schemas);
        _sink = Sinks.Add(WireAdapterCompliance.Queue, _data);
    }

    /// <summary>The disk of both queues.</summary>
    public FillableStorage Disk { get; } = new();

    public IngressSinks Sinks { get; }

    /// <summary>The number of stored messages.</summary>
    public long Stored => _sink.Messages;

    /// <summary>The number of stored dead letters.</summary>
    public long LettersStored => Sinks.DeadLetters.Messages;

    /// <summary>Returns the numbers of the stored messages, in order.</summary>
    public List<int> Numbers()
    {
        List<int> numbers = [];
        using QueueTailer tailer = _data.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            numbers.Add(NumberOf(message.Payload));
        }

        return numbers;
    }

    /// <summary>Returns the stored messages.</summary>
    public List<byte[]> Messages()
    {
        List<byte[]> messages = [];
        using QueueTailer tailer = _data.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            messages.Add(message.Payload.ToArray());
        }

        return messages;
    }

    public List<DeadLetter> Letters()
    {
        List<DeadLetter> letters = [];
        using QueueTailer tailer = _letters.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            using JsonDocument json = ToJson(message.Payload);
            JsonElement letter = json.RootElement;
            letters.Add(
                new DeadLetter(TextOf(letter, "source"), TextOf(letter, "topic"), TextOf(letter, "reason"), TextOf(letter, "payload")));
        }

        return letters;
    }

    /// <summary>Returns the number in a message.</summary>
    /// <exception cref="ComplianceException">The message has no number.</exception>
    public int NumberOf(ReadOnlySpan<byte> message)
    {
        using JsonDocument json = ToJson(message);
        string field = _subject.NumberField;
        string text = json.RootElement.TryGetProperty(field, out JsonElement number)
            ? number.ValueKind == JsonValueKind.String ? number.GetString() ?? "" : number.GetRawText()
            : "";
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw new ComplianceException($"a message in the queue has no number in its field '{field}': {json.RootElement}");
    }

    public void Dispose()
    {
        Sinks.Dispose();
        _data.Dispose();
        _letters.Dispose();
    }

    private static string TextOf(JsonElement letter, string field)
    {
        return letter.TryGetProperty(field, out JsonElement value) ? value.GetString() ?? "" : "";
    }

    private JsonDocument ToJson(ReadOnlySpan<byte> message)
    {
        if (!_subject.Schemas.TryGet(message, out EsfSchema? schema))
        {
            throw new ComplianceException("a message in the queue has none of the subject's schemas.");
        }

        ArrayBufferWriter<byte> json = new();
        EsfStatus status = EsfJson.WriteJson(schema, message, json);
        return status.IsOk
            ? JsonDocument.Parse(json.WrittenMemory)
            : throw new ComplianceException($"a message in the queue cannot be read: {status}.");
    }
}
