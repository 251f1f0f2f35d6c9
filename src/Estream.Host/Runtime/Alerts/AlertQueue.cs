using System.Buffers;
using System.Text.Json;
using Estream.Core;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>A change of an alert.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="State">The new state: <c>ok</c>, <c>firing</c> or <c>unknown</c>.</param>
/// <param name="Value">The value at the time of the change; null if there is none.</param>
/// <param name="UtcNanos">The time of the change.</param>
/// <param name="Detail">The reason in words.</param>
internal sealed record AlertChange(AlertRule Rule, string State, double? Value, long UtcNanos, string Detail);

/// <summary>The queue of changes of alerts, <c>sys/alerts</c>, with messages of the schema estream.system.AlertRecord. Appends are durable.
/// One thread at a time appends; reads are thread-safe.</summary>
internal sealed class AlertQueue : IDisposable
{
    public const string QueueName = "sys/alerts";

    private const string SchemaName = "estream.system.AlertRecord";
    private const int MaxMessageBytes = 4 * 1024;
    private const int MostRead = 1_000;

    private readonly QueueRuntime _runtime;
    private readonly EsfSchema _schema;
    private QueueAppender? _appender;

    private AlertQueue(QueueRuntime runtime)
    {
        _runtime = runtime;
        _schema = EsfSchemaSet.BuiltIn.TryGet(SchemaName, out EsfSchema? schema)
            ? schema
            : throw new InvalidOperationException($"There is no built-in schema {SchemaName}.");
    }

    /// <summary>The newest changes.</summary>
    public IQueueView View => _runtime.View;

    /// <summary>The directory of the queue in the data folder of a host.</summary>
    public static string DirectoryIn(DataLayout data) => Path.Combine(data.Root, "queues", "sys", "alerts");

    /// <summary>Opens the queue; creates it if it does not exist.</summary>
    /// <exception cref="EstreamException">The queue cannot be opened or created.</exception>
    public static AlertQueue Open(DataLayout data, MessageJson json, ReadGate gate, IClock clock)
    {
        QueueOptions options = new()
        {
            SegmentBytes = 1 << 20, RetainedBytes = 64L << 20, RetainedAge = TimeSpan.FromDays(365), Clock = clock,
        };
        EstreamQueue queue = EstreamQueue.Open(DirectoryIn(data), options);
        try
        {
            return new AlertQueue(new QueueRuntime(QueueName, queue, json, gate));
        }
        catch
        {
            queue.Dispose();
            throw;
        }
    }

    /// <summary>Appends a change.</summary>
    /// <exception cref="EstreamException">The queue cannot be written.</exception>
    public void Append(AlertChange change)
    {
        byte[] message = new byte[MaxMessageBytes];
        EsfStatus status = EsfJson.TryEncode(_schema, ToJson(change), message, out int length);
        if (!status.IsOk)
        {
            throw new InvalidOperationException($"A change of an alert does not fit its own schema: {status}");
        }

        _appender ??= _runtime.Queue.CreateAppender(AppenderMode.Shared);
        _appender.Append(message.AsSpan(0, length), Durability.Every);
    }

    /// <summary>Reads the last recorded state of each rule, and its time in milliseconds.</summary>
    public Dictionary<string, (string State, long SinceMs)> ReadStates()
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            View.WriteLast(MostRead, default, writer);
        }

        Dictionary<string, (string, long)> states = new(StringComparer.Ordinal);
        using JsonDocument messages = JsonDocument.Parse(buffer.WrittenMemory);
        foreach (JsonElement one in messages.RootElement.EnumerateArray())
        {
            if (one.TryGetProperty("message", out JsonElement message) && message.TryGetProperty("alert", out JsonElement alert)
                && message.TryGetProperty("state", out JsonElement state) && message.TryGetProperty("at", out JsonElement at)
                && state.GetString() is AlertState.Ok or AlertState.Firing or AlertState.Unknown)
            {
                states[alert.GetString()!] = (state.GetString()!, at.GetInt64() / 1_000_000);
            }
        }

        return states;
    }

    public void Dispose()
    {
        _appender?.Dispose();
        _runtime.Dispose();
    }

    private static byte[] ToJson(AlertChange change)
    {
        ArrayBufferWriter<byte> buffer = new(512);
        using Utf8JsonWriter writer = new(buffer);
        writer.WriteStartObject();
        writer.WriteNumber("at"u8, change.UtcNanos);
        writer.WriteString("alert"u8, change.Rule.Name);
        writer.WriteString("state"u8, change.State);
        writer.WriteString("severity"u8, change.Rule.Severity);
        writer.WriteString("series"u8, change.Rule.Series);
        writer.WriteString("comparison"u8, change.Rule.Comparison);
        writer.WriteNumber("threshold"u8, change.Rule.Threshold);
        if (change.Value is { } value)
        {
            writer.WriteNumber("value"u8, value);
        }

        writer.WriteString("detail"u8, change.Detail);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
