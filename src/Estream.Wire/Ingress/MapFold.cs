using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>
/// Follows a queue and keeps the latest message of each key in a map. It resumes where it was, from a named tailer, and putting the
/// same message twice changes nothing: after a crash at any moment the map equals a replay of the queue.
/// </summary>
/// <remarks>The counters, <see cref="CaughtUp"/> and <see cref="Failure"/> may be read from any thread.</remarks>
public sealed class MapFold
{
    private const int MaxBatch = 4_096;
    private const int MaxKeyBytes = 256;
    private const int RetryMs = 250;

    private readonly EstreamQueue _queue;
    private readonly EsfSchema _schema;
    private readonly EsfField _key;
    private readonly IKeyedSink _map;
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile EstreamException? _failure;
    private long _applied;
    private long _position = -1;
    private long _skipped;

    /// <summary>Prepares the fold; nothing is read yet.</summary>
    /// <param name="name">The map's name; its tailer is called map-NAME.</param>
    /// <param name="queue">The queue to follow.</param>
    /// <param name="schema">Messages of other schemas are skipped; those of its other versions are not.</param>
    /// <param name="key">The field whose value is the key: one with a text form.</param>
    /// <param name="map">Takes the messages.</param>
    /// <exception cref="ArgumentException">The schema has no such field, or it cannot be a key.</exception>
    public MapFold(string name, EstreamQueue queue, EsfSchema schema, string key, IKeyedSink map)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(map);
        if (!schema.TryGetField(key, out EsfField? field) || !field.HasTextForm)
        {
            string fields = string.Join(", ", schema.Fields.Where(candidate => candidate.HasTextForm).Select(candidate => candidate.Name));
            throw new ArgumentException($"'{key}' is not a field of {schema.Name} that can be a key; these are: {fields}.", nameof(key));
        }

        Name = name;
        _queue = queue;
        _schema = schema;
        _key = field;
        _map = map;
    }

    /// <summary>The map's name.</summary>
    public string Name { get; }

    /// <summary>Messages put since the fold began.</summary>
    public long Applied => Volatile.Read(ref _applied);

    /// <summary>The queue's position up to which all messages are in the map, or were skipped; -1 before the fold has begun.</summary>
    public long Position => Volatile.Read(ref _position);

    /// <summary>Messages without a key for this map: of another schema, or with a key that is absent or too long.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    /// <summary>Completes when the fold has reached the end of the queue for the first time.</summary>
    public Task CaughtUp => _caughtUp.Task;

    /// <summary>Why the map cannot grow at the moment; null when all is well. The fold goes on by itself once there is room.</summary>
    public EstreamException? Failure => _failure;

    /// <summary>Follows the queue on a thread of its own until cancelled; then everything that was read is in the map.</summary>
    /// <exception cref="EstreamCorruptionException">The queue is damaged; file and offset are named.</exception>
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
                if (!ReadBatch(tailer, cancellation))
                {
                    _caughtUp.TrySetResult();
                    _ = tailer.WaitToRead(Timeout.InfiniteTimeSpan, cancellation);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // It was asleep.
        }
    }

    /// <summary>Puts what is there, a limited number at once.</summary>
    /// <returns>Whether there was anything.</returns>
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

    /// <summary>For keys that are numbers, enums or bytes32: the text a topic or the console would show.</summary>
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
                // The map wants to grow and the disk is full: wait for room, for skipping a message would make the map lie.
                _failure = failure;
                cancellation.WaitHandle.WaitOne(RetryMs);
            }
        }
    }
}
