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

    // How long the thread of the fold rests after it has read everything. Meanwhile no appender has to wake it, which costs both sides more
    // than to store a message.
    private const int PauseMs = 1;

    // An appending thread stores at most this many messages at once, and the thread of the fold goes on while it finds more.
    private const int MaxSharedBatch = 64;
    private const int MaxSharedRounds = 4;

    // All appending threads report their messages, so this interval only bounds the delay of an append that does not go through the sink.
    private const int LookIntervalMs = 1_000;

    private readonly EstreamQueue _queue;
    private readonly EsfSchema _schema;
    private readonly EsfField _key;
    private readonly IKeyedSink _map;
    private readonly IngressSink? _feeder;
    private readonly FoldTurn _turn = new();
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile EstreamException? _failure;
    private QueueTailer? _shared;
    private long _applied;
    private long _position = -1;
    private long _skipped;

    /// <summary>Creates the fold; reads nothing yet.</summary>
    /// <param name="name">The name of the map; the tailer is map-NAME.</param>
    /// <param name="queue">The queue to follow.</param>
    /// <param name="schema">The schema of the messages, in any version. Messages of other schemas are skipped.</param>
    /// <param name="key">The key field; its type must have a text form.</param>
    /// <param name="map">The map. One thread at a time uses it, not always the same one.</param>
    /// <param name="feeder">The sink through which messages reach the queue. Its threads then store their messages in the map too, unless
    /// there are many, which saves waking another thread for each. Default: a thread of the fold stores all messages.</param>
    /// <exception cref="ArgumentException">The schema has no such field, or the field cannot be a key.</exception>
    public MapFold(string name, EstreamQueue queue, EsfSchema schema, string key, IKeyedSink map, IngressSink? feeder = null)
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
        _feeder = feeder;
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

    /// <summary>Stores appended messages in the map on the calling thread, if no other thread does and there are few. Called by the
    /// feeder after it has released its lock.</summary>
    internal void StoreAppended()
    {
        if (!_turn.TryTakeOrAsk())
        {
            return;
        }

        bool isDone = false;
        try
        {
            for (int round = 0; round < MaxSharedRounds && !isDone; round++)
            {
                _turn.Begin();
                if (Read(_shared!, MaxSharedBatch) == MaxSharedBatch)
                {
                    break;
                }

                isDone = _turn.TryRelease();
            }
        }
        catch (EstreamException)
        {
            // The thread of the fold reads the same message, meets the same failure, and can wait or end.
        }
        finally
        {
            if (!isDone)
            {
                _turn.HandOver();
            }
        }
    }

    /// <summary>Makes the thread of the fold store appended messages. Never blocks.</summary>
    internal void Wake()
    {
        if (_turn.TryTakeOrAsk())
        {
            _turn.HandOver();
        }
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

            if (_feeder is null)
            {
                Follow(tailer, cancellation);
            }
            else
            {
                FollowFeeder(_feeder, tailer, cancellation);
            }

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
                if (ReadPatiently(tailer, cancellation) > 0)
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

    /// <summary>Reads until few messages arrive at once. Then leaves the turn to the appending threads, and waits until one hands it
    /// over. Returns with the turn.</summary>
    private void FollowFeeder(IngressSink feeder, QueueTailer tailer, CancellationToken cancellation)
    {
        _shared = tailer;
        feeder.Add(this);
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                _turn.Begin();
                int count = ReadPatiently(tailer, cancellation);
                if (count == MaxBatch)
                {
                    continue;
                }

                _caughtUp.TrySetResult();
                if (count >= MaxSharedBatch)
                {
                    cancellation.WaitHandle.WaitOne(PauseMs);
                }
                else if (_turn.TryRelease())
                {
                    _turn.WaitForTurn(LookIntervalMs, cancellation);
                }
            }
        }
        finally
        {
            feeder.Remove(this);
        }
    }

    /// <summary>Stores the available messages, up to a limit. While the map cannot grow, waits: skipping a message would make the map
    /// wrong.</summary>
    /// <returns>The number of messages read.</returns>
    private int ReadPatiently(QueueTailer tailer, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                int count = Read(tailer, MaxBatch);
                _failure = null;
                return count;
            }
            catch (EstreamStorageException failure) when (failure.IsTransient && !cancellation.IsCancellationRequested)
            {
                _failure = failure;
                cancellation.WaitHandle.WaitOne(RetryMs);
            }
        }
    }

    /// <summary>Stores the available messages, up to a limit, and never waits.</summary>
    /// <returns>The number of messages read.</returns>
    /// <exception cref="EstreamException">A message cannot be read or stored; it is the next message of the tailer.</exception>
    private int Read(QueueTailer tailer, int limit)
    {
        int count = 0;
        int skipped = 0;
        long position = -1;
        try
        {
            while (count < limit && tailer.TryRead(out QueueMessage message))
            {
                position = message.Position;
                bool isPut = Put(message);
                position = -1;
                count++;
                skipped += isPut ? 0 : 1;
            }
        }
        finally
        {
            if (position >= 0)
            {
                tailer.Seek(position);
            }

            Volatile.Write(ref _position, tailer.Position);
            if (count > 0)
            {
                Volatile.Write(ref _skipped, _skipped + skipped);
                Volatile.Write(ref _applied, _applied + count - skipped);
            }
        }

        return count;
    }

    private bool Put(in QueueMessage message)
    {
        if (!_schema.Matches(message.Payload))
        {
            return false;
        }

        if (_key.Kind == EsfTypeKind.String)
        {
            return _key.TryGetBytes(message.Payload, out ReadOnlySpan<byte> key) && Put(key, message);
        }

        // The key in the map is the text of the number, enum or bytes32, as in topics and the console.
        Span<byte> text = stackalloc byte[MaxKeyBytes];
        return _key.TryFormat(message.Payload, text, out int written) && Put(text[..written], message);
    }

    private bool Put(ReadOnlySpan<byte> key, in QueueMessage message) =>
        _map.TryPut(key, message.Position, message.Sequence, message.Time, message.Payload);
}
