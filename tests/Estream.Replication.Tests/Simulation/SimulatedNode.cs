using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Queue;
using Estream.Replication.Internal;

namespace Estream.Replication.Tests.Simulation;

/// <summary>A host: follows the stream, or owns the queue and publishes it.</summary>
internal sealed class SimulatedNode(string directory, SimulatedStream stream, Random random) : IDisposable
{
    private const int SegmentBytes = 64 << 10;
    private const int MaxBatchBytes = 4 << 10;
    private const int MaxInFlight = 24 << 10;

    private readonly List<(long Position, long Number)> _waiting = [];
    private ApplierCore? _applier;
    private PublisherCore? _publisher;
    private ProgressFile? _progress;
    private EstreamQueue? _queue;
    private QueueAppender? _appender;
    private Queue<byte[]>? _session;
    private byte[] _buffer = [];
    private int _next;

    public string Directory => directory;

    public bool IsOwner => _queue is not null;

    public bool IsActive => _publisher?.IsActive == true;

    public long Offset => _publisher?.State.Offset ?? _applier?.State.Offset ?? -1;

    /// <summary>What the host has read, for messages.</summary>
    public string State => $"{(IsOwner ? "owner" : "follower")} {(_publisher?.State ?? _applier?.State)?.Point} of {stream.Count} entries";

    public bool IsAwaiting => _publisher!.IsAwaiting;

    /// <summary>Starts as a follower. A log that differs from the stream is removed, as an operator would.</summary>
    public void Follow()
    {
        Stop();
        _applier = new ApplierCore(directory, new QueueOptions { SegmentBytes = SegmentBytes }, NewCodec(0));
        Reconnect();
    }

    /// <summary>Becomes the owner: stops following, opens the queue for appending and claims the stream.</summary>
    public void Own()
    {
        Stop();
        _queue = EstreamQueue.Open(directory, new QueueOptions { SegmentBytes = SegmentBytes });
        _appender = _queue.CreateAppender(random.Next(2) == 0 ? AppenderMode.Shared : AppenderMode.Exclusive);
        _progress = ProgressFile.Open(FileStorage.Instance, directory, _queue.Id);
        StreamState state = new();
        _progress.Restore(state);
        _publisher = new PublisherCore(_queue, NewCodec(_queue.Id), state, random.NextInt64(), MaxBatchBytes, MaxInFlight);
        Reconnect();
    }

    public void Reconnect()
    {
        _session = _publisher is null ? null : stream.Open();
        bool isShort = Offset >= stream.Count;
        for (int attempt = isShort ? 0 : 2; attempt < 3; attempt++)
        {
            try
            {
                Begin(isShort);
            }
            catch (EstreamStorageException) when (attempt < 2)
            {
                // Another broker may have a longer stream.
            }
        }

        _next = (int)Math.Max(0, Offset);
    }

    /// <summary>Appends messages; as an adapter does, only while the host believes that it is active.</summary>
    public void Append(Func<long> next)
    {
        for (int i = random.Next(1, 20); i > 0 && IsActive; i--)
        {
            if (random.Next(8) == 0)
            {
                // An aborted claim leaves a gap in a shared segment.
                _appender!.Claim(random.Next(1, 200)).Dispose();
            }

            byte[] message = new byte[sizeof(long) + random.Next(200)];
            long number = next();
            _ = BitConverter.TryWriteBytes(message, number);
            _waiting.Add((_appender!.Append(message), number));
        }
    }

    public void Send()
    {
        int length = _publisher!.TryNext(size => _buffer = new byte[size]);
        if (length > 0)
        {
            _session!.Enqueue(_buffer);
        }
    }

    /// <summary>Reads the next entry, if there is one. The first entry of a session is one that was read before.</summary>
    /// <param name="acknowledged">Receives the messages that the entry confirms.</param>
    /// <returns>Whether there was one.</returns>
    public bool Read(List<long> acknowledged)
    {
        bool isKnown = _next == Offset;
        if (_next + (isKnown ? 1 : 0) >= stream.Count)
        {
            return false;
        }

        int next = _next++;

        try
        {
            Take(next, acknowledged);
        }
        catch (EstreamStorageException)
        {
            // The stream is not the one that was read before.
            Reconnect();
        }
        catch (EstreamReplicationException fault) when (fault.Fault is ReplicationFault.Diverged or ReplicationFault.Truncated)
        {
            Stop();
            System.IO.Directory.Delete(directory, recursive: true);
            Follow();
        }

        return !isKnown || Read(acknowledged);
    }

    /// <summary>Ends like a killed process: what is not confirmed stays in the log and is acknowledged to no sender.</summary>
    public void Stop()
    {
        _applier?.Dispose();
        _publisher?.Dispose();
        _progress?.Dispose();
        _appender?.Dispose();
        _queue?.Dispose();
        (_applier, _publisher, _progress, _appender, _queue) = (null, null, null, null, null);
        _waiting.Clear();
    }

    public void Dispose() => Stop();

    private void Take(int next, List<long> acknowledged)
    {
        if (_applier is not null)
        {
            _ = _applier.Take(next, stream[next], out _);
            return;
        }

        ReadAsOwner(next, acknowledged);
    }

    private void Begin(bool isShort)
    {
        _applier?.BeginSession(isShort);
        _publisher?.BeginSession(isShort);
    }

    private void ReadAsOwner(int next, List<long> acknowledged)
    {
        PublisherStep step = _publisher!.Take(next, stream[next]);
        if (step == PublisherStep.Fenced)
        {
            Follow();
            return;
        }

        if (step == PublisherStep.Reset)
        {
            Reconnect();
        }

        if (IsActive)
        {
            // The file is only a hint, so a process may be killed before it is written.
            if (random.Next(2) == 0)
            {
                _progress!.Store(_publisher.State);
            }

            long confirmed = _publisher.State.Position;
            acknowledged.AddRange(_waiting.Where(message => message.Position < confirmed).Select(message => message.Number));
            _ = _waiting.RemoveAll(message => message.Position < confirmed);
        }
    }

    private static EntryCodec NewCodec(long queueId) => new("simulation", queueId, []);
}
