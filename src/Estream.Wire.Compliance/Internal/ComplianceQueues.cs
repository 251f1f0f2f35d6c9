using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Wire.Compliance.Internal;

/// <summary>A message among the dead letters.</summary>
internal sealed record DeadLetter(string Source, string Topic, string Reason, string Payload);

/// <summary>The queue of the messages and that of the dead letters, small enough for a full disk to show soon.</summary>
internal sealed class ComplianceQueues : IDisposable
{
    /// <summary>Messages that do not find room in the two segments a queue has before it asks the disk for more, however short they
    /// are.</summary>
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

    /// <summary>The disk of both.</summary>
    public FillableStorage Disk { get; } = new();

    public IngressSinks Sinks { get; }

    /// <summary>How many messages are stored.</summary>
    public long Stored => _sink.Messages;

    /// <summary>How many dead letters there are.</summary>
    public long LettersStored => Sinks.DeadLetters.Messages;

    /// <summary>The numbers of the messages that are stored, in their order.</summary>
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

    /// <summary>The stored messages, as they are.</summary>
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

    /// <summary>The number in a message.</summary>
    /// <exception cref="ComplianceException">There is none.</exception>
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
            throw new ComplianceException("a message in the queue is of none of the subject's schemas.");
        }

        ArrayBufferWriter<byte> json = new();
        EsfStatus status = EsfJson.WriteJson(schema, message, json);
        return status.IsOk
            ? JsonDocument.Parse(json.WrittenMemory)
            : throw new ComplianceException($"a message in the queue cannot be read: {status}.");
    }
}
