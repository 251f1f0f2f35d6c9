using Estream.Circuits.Operations;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Circuits.TestProcess;

/// <summary>A queue that is written and compacted by key at the same time, by two threads. The value of a key only grows.</summary>
public sealed class CompactionWork : IDisposable
{
    /// <summary>The number of keys.</summary>
    public const int Keys = 200;

    /// <summary>The circuit of the compaction.</summary>
    public const string File = """
        escir_version: "0.8.0"
        name: acme.compact.v1
        version: "1.0.0"
        types:
          - name: Reading
            fields:
              - { name: device, type: string }
              - { name: value, type: i64, optional: true }
              - { name: pad, type: bytes }
          - name: CompactRequest
            fields:
              - { name: retained_bytes, type: u64, optional: true }
              - { name: retained_age, type: u64, optional: true }
          - name: CompactResult
            fields:
              - { name: status, type: Status }
              - { name: segments, type: u64, optional: true }
              - { name: segment_bytes, type: u64, optional: true }
              - { name: segments_beyond, type: u64, optional: true }
              - { name: oldest_position, type: i64, optional: true }
              - { name: oldest_sequence, type: u64, optional: true }
        enums:
          Status: { values: [Done, Created, Replaced, Conflict, Absent, Full, TooLong, Unversioned, Invalid] }
        inputs: [{ name: requests, type: CompactRequest }]
        outputs: [{ name: results, type: CompactResult }]
        compute:
          - id: compact
            type: operation
            operation: queue.compact
            queue: log
            schema: Reading
            by: device
            deleted: not has(value)
            delete_retention: 1h
        flows: [requests -> compact -> results]
        """;

    // The writer is faster than the compaction, and each compaction of the test reads the whole queue.
    private const int RoundsPerCompaction = 20;

    private readonly SemaphoreSlim _permits = new(RoundsPerCompaction);

    // Set when every key has a value.
    private readonly ManualResetEventSlim _firstRound = new();
    private readonly EstreamQueue _queue;
    private readonly Circuit _circuit;
    private readonly EsfSchema _reading;
    private readonly byte[] _message = new byte[2_048];

    /// <summary>Opens the queue in a directory.</summary>
    public CompactionWork(string directory)
    {
        _queue = EstreamQueue.Open(directory, new QueueOptions { SegmentBytes = 64 << 10 });
        CircuitReadResult read = CircuitReader.Read(File, "compact.circuit.yaml", EsfSchemaSet.BuiltIn, _ => EsfSchemaSet.Empty);
        _circuit = read.Circuit ?? throw new InvalidOperationException(string.Join('\n', read.Diagnostics));
        _ = read.Schemas.TryGet("acme.compact.v1.Reading", out EsfSchema? reading);
        _reading = reading!;
    }

    /// <summary>Writes and compacts until the process is killed.</summary>
    public static int RunUntilKilled(string directory)
    {
        using CompactionWork work = new(directory);
        Thread writer = new(work.Write) { IsBackground = true };
        writer.Start();
        work.Compact();
        work._firstRound.Wait();
        Console.Out.WriteLine("running");
        while (true)
        {
            work.Compact();
            work._permits.Release(RoundsPerCompaction);
        }
    }

    /// <summary>Returns the newest value of each key, and the value that was appended last to a file beside the queue.</summary>
    public IReadOnlyDictionary<string, long> Newest()
    {
        Dictionary<string, long> newest = [];
        using QueueTailer tailer = _queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            _ = _reading.Fields[0].TryGetBytes(message.Payload, out ReadOnlySpan<byte> device);
            _ = _reading.Fields[1].TryGetInt64(message.Payload, out long value);
            newest[System.Text.Encoding.UTF8.GetString(device)] = value;
        }

        return newest;
    }

    /// <summary>Compacts the queue once.</summary>
    /// <returns>The number of deleted segments.</returns>
    public long Compact()
    {
        using OperationCircuit compact = OperationCircuit.Open(_circuit,
            new OperationResources { Queues = new Dictionary<string, EstreamQueue> { ["log"] = _queue } });
        byte[] room = new byte[256];
        _ = EsfMessageBuilder.Begin(compact.Operation.Request, room).TryFinish(out ReadOnlySpan<byte> request);
        _ = compact.Operation.Result.Fields[1].TryGetInt64(compact.Run(request), out long segments);
        return segments;
    }

    /// <summary>Appends a value of a key.</summary>
    public void Append(QueueAppender appender, int key, long value)
    {
        EsfMessageBuilder reading = EsfMessageBuilder.Begin(_reading, _message);
        _ = reading.TrySet(_reading.Fields[0], System.Text.Encoding.UTF8.GetBytes($"key-{key}"));
        _ = reading.TrySet(_reading.Fields[1], (Int128)value);
        _ = reading.TrySet(_reading.Fields[2], new byte[100]);
        _ = reading.TryFinish(out ReadOnlySpan<byte> message);
        appender.Append(message);
    }

    /// <summary>Creates an appender.</summary>
    public QueueAppender Appender() => _queue.CreateAppender();

    /// <inheritdoc/>
    public void Dispose()
    {
        _queue.Dispose();
        _permits.Dispose();
        _firstRound.Dispose();
    }

    // Every key gets the next value in turn, so the values of all keys differ by at most one at each moment.
    private void Write()
    {
        IReadOnlyDictionary<string, long> newest = Newest();
        long value = newest.Count == 0 ? 0 : newest.Values.Min();
        using QueueAppender appender = Appender();
        while (true)
        {
            _permits.Wait();
            value++;
            for (int key = 0; key < Keys; key++)
            {
                Append(appender, key, value);
            }

            _firstRound.Set();
        }
    }
}
