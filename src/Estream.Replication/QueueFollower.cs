using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Queue;
using Estream.Replication.Internal;

namespace Estream.Replication;

/// <summary>
/// Follows a replicated queue: keeps a copy on this machine that is equal to its source byte for byte. Other processes may read the copy,
/// and no process may append to it. Runs until it is disposed or an error needs an operator. Thread-safe.
/// </summary>
public sealed class QueueFollower : IAsyncDisposable
{
    // A stream does not mark its end. After this time without an entry, the copy counts as complete.
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(1);

    // An owner that runs sends an entry every ten minutes.
    private static readonly TimeSpan s_silence = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_retention = TimeSpan.FromSeconds(30);

    private readonly string _name;
    private readonly IBatchLog _log;
    private readonly EntryCodec _codec;
    private readonly ApplierCore _core;
    private readonly IClock _clock;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly long _owner = QueuePublisher.NewOwner();
    private readonly Takeover _takeover;
    private readonly Task _run;
    private ReplicationState _state = ReplicationState.Disconnected;
    private string? _failure;
    private ReplicationFault? _fault;
    private readonly Timer _retention;
    private long _connections;
    private long _lastHeard;

    internal QueueFollower(string name, string directory, QueueOptions options, ReplicationCluster cluster, IBatchLog log)
    {
        (_name, _log, _clock) = (name, log, options.Clock);
        _codec = new EntryCodec(cluster.Name, queueId: 0, cluster.Key.Span, cluster.EarlierKeys);
        _takeover = new Takeover(log.Name, _owner);
        try
        {
            _core = new ApplierCore(directory, options, _codec);
        }
        catch
        {
            _codec.Dispose();
            _takeover.Dispose();
            throw;
        }

        _run = Task.Run(RunAsync);
        _lastHeard = _clock.MonotonicNanos;
        _retention = new Timer(static follower => ((QueueFollower)follower!).Retain(), this, s_retention, s_retention);
    }

    /// <summary>Completes when following ends: by <see cref="DisposeAsync"/> or after an error. Never faults; see <see
    /// cref="GetStatus"/>.</summary>
    public Task Completion => _run;

    /// <summary>The progress now.</summary>
    public ReplicationStatus GetStatus()
    {
        lock (_gate)
        {
            ReplicationState state = _state == ReplicationState.Running && _core.IsSearching ? ReplicationState.CatchingUp : _state;
            return new ReplicationStatus(_name, state, _core.State.Epoch, _core.Copy?.Position ?? 0)
            {
                Lag = _core.NewestTime == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Max(0, _clock.UtcNanos - _core.NewestTime) / 100),
                Messages = _core.AppliedMessages,
                Connections = _connections,
                UnreadableEntries = _core.Intake.Unreadable,
                Failure = _failure ?? _core.Intake.RecentReason(_clock),
                Fault = _fault,
                MayHoldAcknowledged = _core.MayHoldAcknowledged,
            };
        }
    }

    /// <summary>
    /// Takes over the queue for this machine: reads every confirmed message into the copy, and begins the next epoch, which fences the
    /// earlier publisher. Then dispose the follower, open its directory as a queue, and publish the queue.
    /// </summary>
    /// <param name="cancellation">Cancels the wait, not the takeover.</param>
    /// <returns>False if the stream does not exist: no machine has published the queue in this cluster.</returns>
    /// <exception cref="EstreamException">Following has failed; see <see cref="GetStatus"/>.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled, or the follower was disposed.</exception>
    /// <remarks>While no broker is reachable, the wait continues.</remarks>
    public Task<bool> TakeOverAsync(CancellationToken cancellation = default)
    {
        _takeover.Request();
        return _takeover.Done.WaitAsync(cancellation);
    }

    /// <summary>Stops. The copy stays, and following continues there after the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        await _retention.DisposeAsync().ConfigureAwait(false);
        _takeover.Dispose();
        _core.Dispose();
        _codec.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        Backoff backoff = new();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(backoff).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (EstreamException failure)
                when (failure is EstreamReplicationException or EstreamCorruptionException or EstreamFormatException)
            {
                _fault = (failure as EstreamReplicationException)?.Fault;
                End(failure);
                return;
            }
            catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound && missing.Path == _log.Name)
            {
                // The stream, not a file of the copy, is missing. The publisher creates the stream.
                (_state, _failure) = (ReplicationState.CatchingUp, null);
                _takeover.NoteMissing();
            }
            catch (EstreamException failure)
            {
                (_state, _failure) = (ReplicationState.Disconnected, failure.Message);
            }
            catch (Exception failure)
            {
                End(new EstreamStorageException(
                    $"An unexpected error ended replication of queue '{_name}': {failure.Message}", null, StorageFailure.Other, failure));
                return;
            }

            try
            {
                await backoff.PauseAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void End(EstreamException failure)
    {
        (_state, _failure) = (ReplicationState.Failed, failure.Message);
        _takeover.Fail(failure);
    }

    private async Task FollowAsync(Backoff backoff)
    {
        await using IBatchSession session = await _log.ConnectAsync(_core.State.Offset, _stop.Token).ConfigureAwait(false);
        _connections++;
        lock (_gate)
        {
            _core.BeginSession(session.IsShort);
        }

        _state = ReplicationState.CatchingUp;
        _takeover.BeginSession();
        await SessionTasks.RunAsync(
            ended => _takeover.RunAsync(session, WriteClaim, IsComplete, ended), ended => ReadAsync(session, backoff, ended), _stop.Token)
            .ConfigureAwait(false);
    }

    private void Retain()
    {
        try
        {
            lock (_gate)
            {
                _core.Retain(_clock.MonotonicNanos - _lastHeard > s_silence.Ticks * TimeSpan.NanosecondsPerTick);
            }
        }
        catch (EstreamException)
        {
            // A cursor or a segment cannot be read. Its reader reports the damage; the next call tries again.
        }
    }

    private bool IsComplete()
    {
        lock (_gate)
        {
            return _core.IsComplete;
        }
    }

    private int WriteClaim(Func<int, Memory<byte>> rent)
    {
        lock (_gate)
        {
            return _core.TryClaim(_owner, rent);
        }
    }

    private async Task ReadAsync(IBatchSession session, Backoff backoff, CancellationToken cancellation)
    {
        ValueTask<BatchEntry> next = ReadFirstAsync(session, backoff, cancellation);
        while (true)
        {
            BatchEntry entry = await next.ConfigureAwait(false);
            try
            {
                lock (_gate)
                {
                    _lastHeard = _clock.MonotonicNanos;
                    Verdict verdict = _core.Take(entry.Offset, entry.Bytes, out EntryHeader header);
                    _takeover.Observe(header, verdict);
                }
            }
            finally
            {
                entry.Return();
            }

            NoteRunning(backoff);
            next = session.ReadAsync(cancellation);
        }
    }

    private async ValueTask<BatchEntry> ReadFirstAsync(IBatchSession session, Backoff backoff, CancellationToken cancellation)
    {
        Task<BatchEntry> first = session.ReadAsync(cancellation).AsTask();
        Task ended = await Task.WhenAny(first, Task.Delay(s_quiet, cancellation)).ConfigureAwait(false);
        if (ended != first && !cancellation.IsCancellationRequested)
        {
            NoteRunning(backoff);
        }

        return await first.ConfigureAwait(false);
    }

    private void NoteRunning(Backoff backoff)
    {
        (_state, _failure) = (ReplicationState.Running, null);
        backoff.Reset();
    }
}
