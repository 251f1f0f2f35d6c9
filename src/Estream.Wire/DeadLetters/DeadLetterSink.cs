using System.Buffers;
using System.Text.Json;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>
/// Stores refused messages, with reason, source and topic, as messages of the schema estream.system.DeadLetter. Thread-safe. Allocates.
/// </summary>
public sealed class DeadLetterSink : IDisposable
{
    /// <summary>The name of the schema of its messages.</summary>
    public const string SchemaName = "estream.system.DeadLetter";

    private const int MessageReserve = 1_024;
    private const int MaxReasonChars = 4_096;
    private const int ShortTopicBytes = 1_024;

    private readonly Lock _lock = new();
    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private readonly EsfSchema _schema;
    private readonly BlockedState _blocked;
    private Durability _flushing;
    private readonly QueueMeter _meter;
    private long _messages;
    private long _bytes;
    private long _lastPosition;

    internal DeadLetterSink(EstreamQueue queue, EsfSchemaSet schemas, IClock clock)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(schemas);
        _schema = schemas.TryGet(SchemaName, out EsfSchema? schema)
            ? schema
            : throw new ArgumentException($"The schema set has no {SchemaName}; build it on EsfSchemaSet.BuiltIn.", nameof(schemas));
        _queue = queue;
        _blocked = new BlockedState(Control, clock);
        _flushing = IngressSink.FlushingOf(queue);
        _appender = queue.CreateAppender(AppenderMode.Exclusive);
        Earlier = new PreexistingMessages(queue, _appender.NextPosition, _appender.NextSequence);
        Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(queue.Directory));
        _meter = new QueueMeter(Name, () => Messages, () => Bytes, () => Failure is not null);
        IngressMetrics.Add(_meter);
    }

    /// <summary>The name of the queue's directory.</summary>
    internal string Name { get; }

    /// <summary>Pauses and resumes the queue.</summary>
    internal IngressControl Control { get; } = new();

    /// <summary>Why the queue is paused or the last write failed; null if neither.</summary>
    public EstreamStorageException? Failure => _blocked.Failure;

    /// <summary>The number of messages appended by this object.</summary>
    public long Messages => Volatile.Read(ref _messages);

    /// <summary>The number of bytes in the messages appended by this object.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The messages that earlier processes appended.</summary>
    internal PreexistingMessages Earlier { get; }

    /// <summary>The queue, and the position of the last message appended.</summary>
    internal (EstreamQueue Queue, long Position) Newest => (_queue, Volatile.Read(ref _lastPosition));

    /// <summary>Appends a message. Cuts a payload or topic that is too long for the queue, and notes the cut in the reason.</summary>
    /// <param name="receivedAt">The time of receipt in nanoseconds since 1970-01-01 UTC.</param>
    /// <param name="source">The adapter that received the message.</param>
    /// <param name="message">The received message.</param>
    /// <param name="reason">Why the message was refused.</param>
    /// <returns>False if the queue cannot be written now; the same call can succeed later.</returns>
    public bool TryAppend(long receivedAt, string source, in WireMessage message, string reason) =>
        TryAppend(receivedAt, source, message, reason, note: null, out _);

    /// <summary>Appends a message as the public overload does, reports its position to <paramref name="note"/> before it is stored, and
    /// returns its sequence number; -1 if it was not stored.</summary>
    internal bool TryAppend(
        long receivedAt, string source, in WireMessage message, string reason, IAppendNote? note, out long sequence)
    {
        sequence = -1;
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(reason);
        string text = reason.Length <= MaxReasonChars ? reason : reason[..MaxReasonChars];
        ReadOnlySpan<byte> topic = message.Topic;
        if (topic.Length > ShortTopicBytes && topic.Length > _queue.MaxMessageBytes / 2)
        {
            text = $"{text} (only the first {ShortTopicBytes} of {topic.Length} bytes of the topic are kept)";
            topic = topic[..ShortTopicBytes];
        }

        long fixedPart = MessageReserve + (3L * (source.Length + text.Length)) + topic.Length;
        int payloadRoom = (int)Math.Max(0, _queue.MaxMessageBytes - fixedPart);
        ReadOnlySpan<byte> payload = message.Payload;
        if (payload.Length > payloadRoom)
        {
            text = $"{text} (only the first {payloadRoom} of {payload.Length} bytes are kept, the limit of the dead-letter queue)";
            payload = payload[..payloadRoom];
        }

        lock (_lock)
        {
            if (_blocked.MustWait)
            {
                return false;
            }

            byte[] json = ToJson(receivedAt, source, topic, text, payload);
            bool isStored = TryEncode(json, (int)Math.Min(fixedPart + payload.Length, _queue.MaxMessageBytes), note);
            sequence = isStored ? _appender.NextSequence - 1 : -1;
            return isStored;
        }
    }

    /// <summary>Takes over a changed <see cref="QueueOptions.IngressDurability"/> of the queue.</summary>
    internal void Adjust()
    {
        lock (_lock)
        {
            _flushing = IngressSink.FlushingOf(_queue);
        }
    }

    /// <summary>Checks whether a queue that could not be written can be written now.</summary>
    internal void Retry()
    {
        if (_blocked.Failure is null)
        {
            return;
        }

        lock (_lock)
        {
            _blocked.Retry(_appender);
        }
    }

    /// <summary>Disposes the appender.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _appender.Dispose();
        }

        IngressMetrics.Remove(_meter);
    }

    private static byte[] ToJson(long receivedAt, string source, ReadOnlySpan<byte> topic, string reason, ReadOnlySpan<byte> payload)
    {
        ArrayBufferWriter<byte> buffer = new(256 + (2 * payload.Length));
        using Utf8JsonWriter writer = new(buffer);
        writer.WriteStartObject();
        writer.WriteNumber("received_at"u8, receivedAt);
        writer.WriteString("source"u8, source);
        writer.WriteString("topic"u8, topic);
        writer.WriteString("reason"u8, reason);
        writer.WriteString("payload"u8, Convert.ToHexStringLower(payload));
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private bool TryEncode(byte[] json, int room, IAppendNote? note)
    {
        try
        {
            using AppendClaim claim = _appender.Claim(room);
            _blocked.Clear();
            EsfStatus status = EsfJson.TryEncode(_schema, json, claim.Span, out int length);
            if (!status.IsOk)
            {
                throw new InvalidOperationException($"A dead letter does not fit its own schema: {status}");
            }

            if (note?.TryNote("", claim.Position, length) == false)
            {
                return false;
            }

            claim.Commit(length, _flushing);
            Volatile.Write(ref _lastPosition, claim.Position);
            Volatile.Write(ref _bytes, _bytes + length);
        }
        catch (EstreamStorageException failure)
        {
            _blocked.Set(failure, room);
            return false;
        }

        Volatile.Write(ref _messages, _messages + 1);
        return true;
    }
}
