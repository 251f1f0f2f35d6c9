using System.Buffers;
using System.Text.Json;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>The outcome of an administrative act.</summary>
public enum AuditOutcome
{
    /// <summary>The act was done.</summary>
    Done,

    /// <summary>The actor had no permission.</summary>
    Refused,

    /// <summary>The act failed, or was done in part.</summary>
    Failed,
}

/// <summary>One administrative act.</summary>
/// <param name="Actor">The name of a token or user, or <c>the host</c>.</param>
/// <param name="Action">A fixed short text for the kind of act.</param>
/// <param name="Outcome">The outcome.</param>
public sealed record AuditRecord(string Actor, string Action, AuditOutcome Outcome)
{
    /// <summary>The role of the actor; may be empty.</summary>
    public string Role { get; init; } = "";

    /// <summary>The origin: an address or <c>command line</c>; may be empty.</summary>
    public string Origin { get; init; } = "";

    /// <summary>The object of the act; may be empty.</summary>
    public string Target { get; init; } = "";

    /// <summary>Details, without secrets; may be empty.</summary>
    public string Detail { get; init; } = "";
}

/// <summary>
/// The queue of administrative acts, <c>sys/audit</c>, with messages of the schema estream.system.AuditRecord. Appends are durable. Several
/// processes may append. Thread-safe. Allocates, and waits for the device.
/// </summary>
public sealed class AuditLog : IDisposable
{
    /// <summary>The name of the queue.</summary>
    public const string QueueName = "sys/audit";

    /// <summary>The name of the schema of its messages.</summary>
    public const string SchemaName = "estream.system.AuditRecord";

    private const int MaxWordChars = 128;
    private const int MaxTextChars = 1_024;
    private const int MaxMessageBytes = 16 * 1024;

    private readonly Lock _lock = new();
    private readonly EstreamQueue _queue;
    private readonly IClock _clock;
    private readonly EsfSchema _schema;
    private QueueAppender? _appender;

    /// <summary>Creates the log. The caller keeps the ownership of the queue.</summary>
    /// <param name="queue">The queue, opened with <see cref="Options"/>.</param>
    /// <param name="clock">The clock.</param>
    public AuditLog(EstreamQueue queue, IClock clock)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(clock);
        _queue = queue;
        _clock = clock;
        _schema = EsfSchemaSet.BuiltIn.TryGet(SchemaName, out EsfSchema? schema)
            ? schema
            : throw new InvalidOperationException($"There is no built-in schema {SchemaName}.");
    }

    /// <summary>The options of the queue: segments of 1 MiB, retention of 256 MiB and ten years.</summary>
    public static QueueOptions Options { get; } =
        new() { SegmentBytes = 1 << 20, RetainedBytes = 256L << 20, RetainedAge = TimeSpan.FromDays(3_650) };

    /// <summary>The directory of the queue in the data folder of a host.</summary>
    public static string DirectoryIn(string dataFolder) => Path.Combine(dataFolder, "queues", "sys", "audit");

    /// <summary>Appends an act.</summary>
    /// <exception cref="EstreamStorageException">The queue cannot be written: the disk is full, or has failed.</exception>
    public void Append(AuditRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        byte[] message = new byte[MaxMessageBytes];
        EsfStatus status = EsfJson.TryEncode(_schema, ToJson(record, _clock.UtcNanos), message, out int length);
        if (!status.IsOk)
        {
            throw new InvalidOperationException($"An audit record does not fit its own schema: {status}");
        }

        lock (_lock)
        {
            _appender ??= _queue.CreateAppender(AppenderMode.Shared);
            _appender.Append(message.AsSpan(0, length), Durability.Every);
        }
    }

    /// <summary>Disposes the appender.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _appender?.Dispose();
            _appender = null;
        }
    }

    private static byte[] ToJson(AuditRecord record, long at)
    {
        ArrayBufferWriter<byte> buffer = new(512);
        using Utf8JsonWriter writer = new(buffer);
        writer.WriteStartObject();
        writer.WriteNumber("at"u8, at);
        writer.WriteString("actor"u8, Cut(record.Actor, MaxWordChars));
        writer.WriteString("role"u8, Cut(record.Role, MaxWordChars));
        writer.WriteString("origin"u8, Cut(record.Origin, MaxWordChars));
        writer.WriteString("action"u8, Cut(record.Action, MaxWordChars));
        writer.WriteString("target"u8, Cut(record.Target, MaxTextChars));
        writer.WriteString("outcome"u8, record.Outcome.ToString().ToLowerInvariant());
        writer.WriteString("detail"u8, Cut(record.Detail, MaxTextChars));
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    // Never cuts between the two units of a surrogate pair.
    private static string Cut(string text, int most) => text.Length <= most
        ? text
        : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
}
