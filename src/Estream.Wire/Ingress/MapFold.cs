using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>
/// Follows a queue and keeps the latest message of each key in a map. It resumes from a named tailer, and storing a message twice changes
/// nothing, so after a crash the map equals a replay of the queue.
/// </summary>
/// <remarks>The counters, <see cref="CaughtUp"/> and <see cref="Failure"/> are thread-safe.</remarks>
public sealed class MapFold
{
    private const int MaxBatch = 4_096;
    private const int MaxKeyBytes = 256;
    private const int RetryMs = 250;

    // How long the fold rests after it has read everything. Meanwhile no appender has to wake it, which costs both sides more than to store
    // a message.
    private const int PauseMs = 1;

    private readonly EstreamQueue _queue;
    private readonly EsfSchema _schema;
    private readonly EsfField _key;
    private readonly IKeyedSink _map;
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile EstreamException? _failure;
    private long _applied;
    private long _position = -1;
    private long _skipped;

    /// <summary>Creates the fold; reads nothing yet.</summary>
    /// <param name="name">The name of the map; the tailer is map-NAME.</param>
    /// <param name="queue">The queue to follow.</param>
    /// <param name="schema">The schema of the messages, in any version. Messages of other schemas are skipped.</param>
    /// <param name="key">The key field; its type must have a text form.</param>
    /// <param name="map">The map.</param>
    /// <exception cref="ArgumentException">The schema has no such field, or the field cannot be a key.</exception>
    public MapFold(string name, EstreamQueue queue, EsfSchema schema, string key, IKeyedSink map)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(map);
        if (!schema.TryGetField(key, out EsfField? field) || !field.HasTextForm)
        {
            string fields = string.Join(", ", schema.Fields.Where(candidate => candidate.HasTextForm).Select(candidate => candidate.Name));
            throw new ArgumentException(
                $"'{key}' is not a field of {schema.Name} that can be a key; the possible keys are: {fields}.", nameof(key));
        }

        Name = name;
        _queue = queue;
        _schema = schema;
        _key = field;
        _map = map;
    }

    /// <summary>The name of the map.</summary>
    public string Name { get; }

    /// <summary>The number of messages stored since the start.</summary>
    public long Applied => Volatile.Read(ref _applied);

    /// <summary>The position up to which all messages are in the map or were skipped; -1 before the start.</summary>
    public long Position => Volatile.Read(ref _position);

    /// <summary>The number of skipped messages: of another schema, or with an absent or too long key.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    /// <summary>Completes when the fold first reaches the end of the queue.</summary>
    public Task CaughtUp => _caughtUp.Task;

    /// <summary>Why the map cannot grow now; null if it can. The fold resumes when there is space.</summary>
    public EstreamException? Failure => _failure;

    /// <summary>Follows the queue on a separate thread until cancelled; then all read messages are in the map. A message is in the map
    /// within about a millisecond.</summary>
    /// <exception cref="EstreamCorruptionException">The queue is damaged.</exception>
    /// <exception cref="EstreamLeaseException">Another fold of this name runs.</exception>
    public Task RunAsync(CancellationToken cancellation)
    {
        return Task.Factory.StartNew(
            () => Run(cancellation), CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default);
    }

    private void Run(CancellationToken cancellation)
    {
        IngressMetrics.Add(this);
        try
        {
            using QueueTailer tailer = _queue.CreateTailer($"map-{Name}");
            tailer.Idle = IdleStrategy.Sleep();
            if (_map.NeedsReplay)
            {
                _map.Clear();
                tailer.SeekToStart();
            }

            Follow(tailer, cancellation);
            tailer.Commit();
        }
        catch (Exception failure)
        {
            _caughtUp.TrySetException(failure);
            throw;
        }
        finally
        {
            _caughtUp.TrySetCanceled(CancellationToken.None);
            IngressMetrics.Remove(this);
        }
    }

    private void Follow(QueueTailer tailer, CancellationToken cancellation)
    {
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                if (ReadBatch(tailer, cancellation))
                {
                    if (!tailer.WaitToRead(TimeSpan.Zero, cancellation))
                    {
                        _caughtUp.TrySetResult();
                        cancellation.WaitHandle.WaitOne(PauseMs);
                    }
                }
                else
                {
                    _caughtUp.TrySetResult();
                    _ = tailer.WaitToRead(Timeout.InfiniteTimeSpan, cancellation);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Cancelled while waiting for a message.
        }
    }

    /// <summary>Stores the available messages, up to a limit.</summary>
    /// <returns>Whether there was a message.</returns>
    private bool ReadBatch(QueueTailer tailer, CancellationToken cancellation)
    {
        int count = 0;
        int skipped = 0;
        while (count < MaxBatch && tailer.TryRead(out QueueMessage message))
        {
            count++;
            if (!Put(message, cancellation))
            {
                skipped++;
            }
        }

        Volatile.Write(ref _position, tailer.Position);
        if (count > 0)
        {
            Volatile.Write(ref _skipped, _skipped + skipped);
            Volatile.Write(ref _applied, _applied + count - skipped);
        }

        return count > 0;
    }

    private bool Put(in QueueMessage message, CancellationToken cancellation)
    {
        if (_key.Kind != EsfTypeKind.String)
        {
            return PutByText(message, cancellation);
        }

        return _schema.Matches(message.Payload)
            && _key.TryGetBytes(message.Payload, out ReadOnlySpan<byte> key)
            && Put(key, message, cancellation);
    }

    /// <summary>Stores a message whose key is a number, enum or bytes32. The key in the map is its text, as in topics and the
    /// console.</summary>
    private bool PutByText(in QueueMessage message, CancellationToken cancellation)
    {
        Span<byte> text = stackalloc byte[MaxKeyBytes];
        return _schema.Matches(message.Payload)
            && _key.TryFormat(message.Payload, text, out int written)
            && Put(text[..written], message, cancellation);
    }

    private bool Put(ReadOnlySpan<byte> key, in QueueMessage message, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                bool isPut = _map.TryPut(key, message.Position, message.Sequence, message.Time, message.Payload);
                if (_failure is not null)
                {
                    _failure = null;
                }

                return isPut;
            }
            catch (EstreamStorageException failure) when (failure.IsTransient && !cancellation.IsCancellationRequested)
            {
                // The map has to grow and the disk is full: wait, because skipping a message would make the map wrong.
                _failure = failure;
                cancellation.WaitHandle.WaitOne(RetryMs);
            }
        }
    }
}
