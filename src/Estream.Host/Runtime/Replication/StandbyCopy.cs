using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Host.Http;
using Estream.Queue;
using Estream.Replication;

namespace Estream.Host.Runtime;

/// <summary>
/// The copy of a queue on a standby host. If this host was active before, the directory may contain messages that were never confirmed.
/// Such a directory is renamed, and the copy is made again. Thread-safe.
/// </summary>
internal sealed partial class StandbyCopy : IAsyncDisposable
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(10);

    private readonly RabbitReplication _replication;
    private readonly string _queue;
    private readonly string _directory;
    private readonly QueueOptions _options;
    private readonly DivergedLogs _diverged;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Task _watch;
    private volatile QueueFollower _follower;

    // The progress of a replacement that failed: not null when the follower is closed. Written only inside _gate.
    private bool? _mayHoldAcknowledged;
    private bool _isAside;

    /// <summary>Starts to follow the queue.</summary>
    /// <exception cref="EstreamException">The directory is in use, contains another queue, or cannot be written.</exception>
    public StandbyCopy(RabbitReplication replication, string queue, string directory, QueueOptions options, DivergedLogs diverged,
        ILogger logger)
    {
        (_replication, _queue, _directory, _options, _diverged, _logger) = (replication, queue, directory, options, diverged, logger);
        _follower = replication.Follow(queue, directory, options);
        _watch = Task.Run(WatchAsync);
    }

    public ReplicationOverview Overview => ReplicationOverview.Of(_follower.GetStatus(), ReplicationOverview.Follower);

    /// <summary>Takes over the queue; see <see cref="QueueFollower.TakeOverAsync"/>.</summary>
    public async Task<bool> TakeOverAsync(CancellationToken cancellation)
    {
        while (true)
        {
            QueueFollower follower = _follower;
            try
            {
                return await follower.TakeOverAsync(cancellation).ConfigureAwait(false);
            }
            catch (EstreamReplicationException failure) when (failure.Fault == ReplicationFault.Diverged)
            {
                await ReplaceAsync(follower).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested && follower != _follower)
            {
                // The copy is being made again: take over the new copy.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_mayHoldAcknowledged is null)
        {
            await _follower.DisposeAsync().ConfigureAwait(false);
        }

        _gate.Dispose();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        while (true)
        {
            QueueFollower follower = _follower;
            await follower.Completion.WaitAsync(_stop.Token).ConfigureAwait(false);
            if (follower.GetStatus() is not { Fault: ReplicationFault.Diverged })
            {
                LogFailed(_logger, _queue, follower.GetStatus().Failure ?? "stopped");
                return;
            }

            await ReplaceUntilDoneAsync(follower).ConfigureAwait(false);
        }
    }

    private async Task ReplaceUntilDoneAsync(QueueFollower diverged)
    {
        while (true)
        {
            try
            {
                await ReplaceAsync(diverged).ConfigureAwait(false);
                return;
            }
            catch (Exception failure) when (failure is EstreamException or IOException or UnauthorizedAccessException)
            {
                LogFailed(_logger, _queue, failure.Message);
            }

            await Task.Delay(s_retry, _stop.Token).ConfigureAwait(false);
        }
    }

    private async Task ReplaceAsync(QueueFollower diverged)
    {
        await _gate.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            if (_follower == diverged)
            {
                if (_mayHoldAcknowledged is null)
                {
                    _mayHoldAcknowledged = diverged.GetStatus().MayHoldAcknowledged;
                    await diverged.DisposeAsync().ConfigureAwait(false);
                }

                if (!_isAside)
                {
                    PutAside(_mayHoldAcknowledged.Value);
                    _isAside = true;
                }

                _follower = _replication.Follow(_queue, _directory, _options);
                (_mayHoldAcknowledged, _isAside) = (null, false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private void PutAside(bool mayHoldAcknowledged)
    {
        string renamed = _diverged.PutAside(_directory, mayHoldAcknowledged);
        if (mayHoldAcknowledged)
        {
            LogKept(_logger, _queue, renamed);
        }
        else
        {
            LogRenamed(_logger, _queue, renamed);
        }
    }

    [LoggerMessage(EventId = 98, Level = LogLevel.Warning,
        Message = "The copy of queue {Queue} has messages that were never confirmed. The host renamed the copy to {Directory}, and creates "
            + "a new copy.")]
    private static partial void LogRenamed(ILogger logger, string queue, string directory);

    [LoggerMessage(EventId = 108, Level = LogLevel.Warning,
        Message = "The copy of queue {Queue} has messages that are on the disk of this host, but not in the stream. The host renamed "
            + "the copy to {Directory}, and creates a new copy. If all brokers lost power, the missing messages may have been "
            + "acknowledged: compare the directory with the queue, and append the missing messages. The host never deletes the "
            + "directory.")]
    private static partial void LogKept(ILogger logger, string queue, string directory);

    [LoggerMessage(EventId = 99, Level = LogLevel.Error, Message = "The copy of queue {Queue} cannot follow: {Reason}")]
    private static partial void LogFailed(ILogger logger, string queue, string reason);
}
