using System.Buffers;
using System.Security.Cryptography;
using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Queue;
using Estream.Replication.Internal;

namespace Estream.Replication;

/// <summary>
/// Replicates a queue of this process to a stream of the cluster, and confirms messages with <see cref="Durability.Quorum"/>. Runs until it
/// is disposed, another process takes over the queue, or an error needs an operator. Thread-safe.
/// </summary>
/// <remarks>
/// While no broker is reachable, the log is the spool: a named reader of the queue keeps every message that is not confirmed, whatever the
/// retention limits of the queue are. Format and rules: docs/formats/replication.md.
/// </remarks>
public sealed class QueuePublisher : IAsyncDisposable
{
    // A local replica has a reader 'replica-NAME'; a cluster may have the same name.
    internal const string ReaderPrefix = "cluster-";
    private const int PollMs = 1;
    private const int LongestRestMs = 50;
    private const int RestShare = 8;
    private const int YieldMs = 100;

    private static readonly TimeSpan s_confirmTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_storePeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_announcePeriod = TimeSpan.FromSeconds(1);

    // Copies apply the age limit by themselves when they have heard nothing for much longer.
    private static readonly TimeSpan s_longestSilence = TimeSpan.FromMinutes(10);

    private readonly EstreamQueue _queue;
    private readonly string _name;
    private readonly ReplicationCluster _cluster;
    private readonly IBatchLog _log;
    private readonly EntryCodec _codec;
    private readonly PublisherCore _core;
    private readonly QueueTailer _hold;
    private readonly QueueQuorum _quorum;
    private readonly ProgressFile _progress;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Task _run;
    private byte[] _buffer = [];
    private ReplicationState _state = ReplicationState.Disconnected;
    private string? _failure;
    private ReplicationFault? _fault;
    private long _connections;
    private long _confirmedEntries;
    private long _firstPosition;
    private long _lastRead;
    private long _lastStored;
    private long _yieldUntil;
    private long _lastSent;
    private long _lastAnnounced;
    private long _lastChecked;
    private volatile bool _isResting;

    internal QueuePublisher(string name, EstreamQueue queue, ReplicationCluster cluster, IBatchLog log)
    {
        (_name, _queue, _cluster, _log) = (name, queue, cluster, log);
        RequirePlaintext(queue);
        RequireRegion(queue, cluster);
        _codec = new EntryCodec(cluster.Name, queue.Id, cluster.Key.Span, cluster.EarlierKeys);
        _progress = ProgressFile.Open(queue.Files.Storage, queue.Directory, queue.Id);
        try
        {
            StreamState state = new();
            _progress.Restore(state);
            _hold = queue.CreateTailer(ReaderPrefix + cluster.Name);
            _quorum = queue.OpenQuorum();
            _core = new PublisherCore(queue, _codec, state, NewOwner(), cluster.MaxBatchBytes, cluster.MaxInFlightBytes);
            _core.MayRestart = _progress.MayRestart;
            _core.RequireUncut(_progress);
            _quorum.Awaited = WakeFromRest;
        }
        catch
        {
            _quorum?.Dispose();
            _hold?.Dispose();
            _progress.Dispose();
            _codec.Dispose();
            throw;
        }

        _run = Task.Run(RunAsync);
    }

    /// <summary>Completes when replication ends: by <see cref="DisposeAsync"/>, after another process took over, or after an error. Never
    /// faults; see <see cref="GetStatus"/>.</summary>
    public Task Completion => _run;

    /// <summary>The progress now. Counts the messages that are not confirmed, which takes up to some milliseconds.</summary>
    public ReplicationStatus GetStatus()
    {
        lock (_gate)
        {
            (long end, long? lagMessages) = ReadEnd();
            long lagBytes = Math.Max(0, _queue.BytesBetween(Math.Max(_core.State.Position, _firstPosition), end));
            return new ReplicationStatus(_name, _state, _core.State.Epoch, _core.State.Position)
            {
                LagMessages = lagBytes == 0 ? 0 : lagMessages,
                LagBytes = lagBytes,
                Lag = TimeSpan.FromTicks(lagBytes == 0 ? 0 : (NowMs - _lastRead) * TimeSpan.TicksPerMillisecond),
                Messages = _confirmedEntries,
                Connections = _connections,
                UnreadableEntries = _core.Intake.Unreadable,
                Failure = _failure ?? _core.Intake.RecentReason(_queue.Clock),
                Fault = _fault,
            };
        }
    }

    /// <summary>Stops. Messages that are not confirmed stay in the log and are replicated after the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _quorum.Dispose();
        _hold.Dispose();
        _core.Dispose();
        _progress.Dispose();
        _codec.Dispose();
        _stop.Dispose();
        _wake.Dispose();
    }

    // A damaged cursor of any reader fails GetInfo, but the host must know the lag to limit the spool.
    private (long End, long? LagMessages) ReadEnd()
    {
        try
        {
            QueueInfo info = _queue.GetInfo();
            _firstPosition = info.FirstPosition;
            return (info.EndPosition, info.Tailers.FirstOrDefault(known => known.Name == ReaderPrefix + _cluster.Name)?.LagMessages);
        }
        catch (EstreamException)
        {
            return (_queue.EndPosition(), null);
        }
    }

    private long NowMs => _queue.Clock.MonotonicNanos / 1_000_000;

    internal static long NewOwner() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    private static void RequirePlaintext(EstreamQueue queue)
    {
        if (queue.HasKeys || queue.GetInfo().Encryption is not null)
        {
            throw new ArgumentException(
                $"Queue '{queue.Directory}' is encrypted. Its wrapped keys are not replicated, so no other machine could read the copy. "
                + "Replicate a queue without keys, set the Key of the cluster so that the brokers cannot read the messages, and encrypt "
                + "the disks of the machines.", nameof(queue));
        }
    }

    // Before anything is connected, so that no byte of the queue is sent.
    private static void RequireRegion(EstreamQueue queue, ReplicationCluster cluster)
    {
        if (queue.Region is { } region && !StreamRegion.Contains(region, cluster.Region))
        {
            string place = cluster.Region is { } other ? $"is in region '{other}'" : "has no region";
            throw new ArgumentException(
                $"Queue '{queue.Directory}' is marked for region '{region}', and cluster '{cluster.Name}' {place}. The messages must not "
                + "leave their region, so nothing was sent. Replicate the queue through a cluster inside its region, and set the Region of "
                + "that cluster.", nameof(queue));
        }
    }

    private async Task RunAsync()
    {
        Backoff backoff = new();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await RunSessionAsync(backoff).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (EstreamReplicationException fault)
            {
                _fault = fault.Fault;
                End(fault.Fault == ReplicationFault.Fenced ? ReplicationState.Fenced : ReplicationState.Failed, fault);
                return;
            }
            catch (EstreamException failure)
            {
                (_state, _failure) = (ReplicationState.Disconnected, failure.Message);
            }
            catch (Exception failure)
            {
                End(ReplicationState.Failed, new EstreamStorageException(
                    $"An unexpected error ended replication of queue '{_queue.Directory}': {failure.Message} Start it again.",
                    _queue.Directory, StorageFailure.Other, failure));
                return;
            }

            if (!await PauseAsync(backoff).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    private async Task<bool> PauseAsync(Backoff backoff)
    {
        try
        {
            await backoff.PauseAsync(_stop.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void End(ReplicationState state, EstreamException failure)
    {
        (_state, _failure) = (state, failure.Message);
        _quorum.Fail(failure);
    }

    private async Task RunSessionAsync(Backoff backoff)
    {
        await using IBatchSession session = await _log.ConnectAsync(_core.State.Offset, _stop.Token).ConfigureAwait(false);
        _connections++;
        lock (_gate)
        {
            _core.BeginSession(session.IsShort);
            _state = ReplicationState.CatchingUp;
        }

        _lastRead = NowMs;
        await SessionTasks.RunAsync(ended => PublishAsync(session, ended), ended => ReadAsync(session, backoff, ended), _stop.Token)
            .ConfigureAwait(false);
    }

    private async Task PublishAsync(IBatchSession session, CancellationToken cancellation)
    {
        while (true)
        {
            int length;
            bool isFull;
            bool isAwaiting;
            lock (_gate)
            {
                bool isYielding = NowMs < Volatile.Read(ref _yieldUntil);
                length = isYielding ? 0 : _core.TryNext(Rent);
                isFull = length >= _cluster.MaxBatchBytes / 2;
                isAwaiting = _core.IsAwaiting;
                if (length == 0 && !isYielding && !isAwaiting && _core.IsActive)
                {
                    // The whole log is confirmed. Sets the state here, because a later entry that ends catching up may never come.
                    (_state, _failure) = (ReplicationState.Running, null);
                }
            }

            if (length > 0)
            {
                _isResting = false;
                _lastSent = NowMs;
                await session.PublishAsync(_buffer.AsMemory(0, length), cancellation).ConfigureAwait(false);
            }

            if (!isFull)
            {
                AnnounceRetention();
                RequireProgress();
                await RestAsync(isAwaiting, cancellation).ConfigureAwait(false);
            }
        }
    }

    // Retention may delete segments while nothing is appended.
    private void AnnounceRetention()
    {
        if (NowMs - _lastChecked < s_announcePeriod.TotalMilliseconds)
        {
            return;
        }

        _lastChecked = NowMs;
        bool isDue = NowMs - _lastAnnounced >= s_longestSilence.TotalMilliseconds;
        _lastAnnounced = isDue ? NowMs : _lastAnnounced;
        lock (_gate)
        {
            _core.Announce(isDue);
        }
    }

    /// <summary>Waits before the publisher looks for messages again. A full batch is sent without a pause. While entries are not confirmed,
    /// messages collect for the linger time, or until a confirm arrives. Otherwise the publisher rests: an eighth of the time since the
    /// last message, at most 50 ms, or until a caller waits for a confirm.</summary>
    private async ValueTask RestAsync(bool isAwaiting, CancellationToken cancellation)
    {
        int wait = Math.Max(PollMs, (int)_cluster.Linger.TotalMilliseconds);
        if (isAwaiting)
        {
            _isResting = false;
        }
        else if (!_isResting)
        {
            // A message whose wait did not see the new value is found now.
            _isResting = true;
            Interlocked.MemoryBarrier();
            return;
        }
        else
        {
            wait = (int)Math.Clamp((NowMs - _lastSent) / RestShare, PollMs, LongestRestMs);
        }

        _ = await _wake.WaitAsync(wait, cancellation).ConfigureAwait(false);
    }

    private void WakeFromRest()
    {
        Interlocked.MemoryBarrier();
        if (_isResting)
        {
            Wake();
        }
    }

    private void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0)
            {
                _ = _wake.Release();
            }
        }
        catch (ObjectDisposedException)
        {
            // The publisher was disposed meanwhile.
        }
    }

    private void RequireProgress()
    {
        if (!_core.IsAwaiting)
        {
            _lastRead = NowMs;
        }
        else if (NowMs - Volatile.Read(ref _lastRead) > s_confirmTimeout.TotalMilliseconds)
        {
            throw new EstreamStorageException(
                $"Stream '{_log.Name}' has confirmed nothing for {s_confirmTimeout.TotalSeconds} s. A majority of its brokers may be down; "
                + "the connection is opened again.", _queue.Directory, StorageFailure.Other);
        }
    }

    private async Task ReadAsync(IBatchSession session, Backoff backoff, CancellationToken cancellation)
    {
        while (true)
        {
            BatchEntry entry = await session.ReadAsync(cancellation).ConfigureAwait(false);
            Volatile.Write(ref _lastRead, NowMs);
            PublisherStep step;
            lock (_gate)
            {
                step = _core.Take(entry.Offset, entry.Bytes);
                NoteProgress();
            }

            entry.Return();
            if (step == PublisherStep.Fenced)
            {
                throw Fenced();
            }

            if (step == PublisherStep.Yield)
            {
                Volatile.Write(ref _yieldUntil, NowMs + YieldMs);
            }

            if (step == PublisherStep.Reset)
            {
                throw new EstreamStorageException(
                    $"Stream '{_log.Name}' lost entries of this session; they are sent again.", _queue.Directory, StorageFailure.Other);
            }

            backoff.Reset();
        }
    }

    private void NoteProgress()
    {
        if (!_core.IsActive)
        {
            return;
        }

        (_state, _failure) = (ReplicationState.Running, null);
        _progress.MayRestart &= _core.MayRestart;
        _confirmedEntries++;
        _quorum.AdvanceTo(_core.State.Position);
        long now = NowMs;
        if (now - _lastStored >= s_storePeriod.TotalMilliseconds || !_core.IsAwaiting)
        {
            _lastStored = now;
            _progress.Store(_core.State);
            _ = _hold.TrySeek(_core.State.Position);
        }

        Wake();
    }

    private Memory<byte> Rent(int length)
    {
        if (_buffer.Length < length)
        {
            _buffer = new byte[Math.Max(length, _codec.LengthOf(_cluster.MaxBatchBytes))];
        }

        return _buffer;
    }

    private EstreamReplicationException Fenced() => new(
        $"Another process has taken over queue '{_queue.Directory}' with epoch {_core.State.Epoch}: messages after position "
        + $"{_core.State.Position} are not replicated. Stop appending here. Follow the stream from an empty directory, or compare "
        + "the logs.",
        _queue.Directory, ReplicationFault.Fenced);
}
