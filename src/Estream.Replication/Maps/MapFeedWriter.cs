using System.Security.Cryptography;
using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Replication.Internal;

/// <summary>
/// The owner's side of a replicated map: appends the changes of the map to the current feed, and replaces the feed by a snapshot when it
/// has become much longer than the map. Thread-safe.
/// </summary>
/// <remarks>
/// The index of the map names the current feed. Rules for a replacement: the new feed has the snapshot and all later changes, a majority of
/// the brokers has them, and only then the index names the new feed. A change is confirmed when a majority has the change and the message
/// of the index that names its feed. So the newest confirmed message of the index always leads to all confirmed changes.
/// </remarks>
internal sealed class MapFeedWriter : IChangeSink, IAsyncDisposable
{
    // The copy of the changes that were made during a snapshot ends under the lock once this few messages are left.
    private const int FewMessages = 64;

    // At a start, the streams of this many earlier feeds are deleted, in case an earlier process did not delete them.
    private const int MaxDeleted = 16;

    private static readonly TimeSpan s_switchLimit = TimeSpan.FromSeconds(2);

    private readonly MapStreams _streams;
    private readonly MapFiles _files;
    private readonly MapReplicationOptions _options;
    private readonly EstreamQueue _index;
    private readonly QueuePublisher _indexPublisher;
    private readonly QueueAppender _pointers;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<long> _replaced;
    private readonly List<Task> _closing = [];
    private MapFeed _feed;
    private Task<long>? _pointer;
    private long _snapshotBytes;
    private long _lastAppend;

    /// <param name="streams">The streams.</param>
    /// <param name="files">The directories of index and feeds.</param>
    /// <param name="options">The options.</param>
    /// <param name="beginsAgain">Whether the map begins a new feed with a snapshot, because it may have changed without this
    /// object.</param>
    public MapFeedWriter(MapStreams streams, MapFiles files, MapReplicationOptions options, bool beginsAgain)
    {
        (_streams, _files, _options) = (streams, files, options);
        files.Restore();
        _index = EstreamQueue.Open(files.Index, options.IndexQueue);
        try
        {
            _indexPublisher = streams.PublishIndex(_index);
            _pointers = _index.CreateAppender(AppenderMode.Exclusive);
            (Known, _replaced) = ReadIndex();
            IsNew = beginsAgain || Known.Feed == 0;
            RequireFeed(Known.Feed);
            files.DeleteFeedsExcept(IsNew ? 0 : Known.Feed);
            _feed = MapFeed.Open(IsNew ? NewNumber() : Known.Feed, streams, files, options.FeedQueue);
            _snapshotBytes = IsNew ? 0 : Known.SnapshotEnd;
        }
        catch
        {
            _pointers?.Dispose();
            _indexPublisher?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            _index.Dispose();
            throw;
        }
    }

    /// <summary>What the index named when it was opened.</summary>
    public MapPointer Known { get; }

    public string Map => _streams.Map;

    /// <summary>Whether <see cref="Begin"/> begins the feed with a snapshot.</summary>
    public bool IsNew { get; }

    public bool IsForOneWriter => true;

    /// <summary>The state of the feed; that of the index if it failed.</summary>
    public ReplicationStatus Status
    {
        get
        {
            ReplicationStatus index = _indexPublisher.GetStatus();
            lock (_gate)
            {
                return index.Failure is null ? _feed.Status : index;
            }
        }
    }

    /// <summary>Whether the feed has become so long that a snapshot should replace it.</summary>
    public bool IsDue
    {
        get
        {
            lock (_gate)
            {
                return _pointer is { IsCompletedSuccessfully: true }
                    && _feed.Bytes > Math.Max(_options.MinFeedBytes, 4 * _snapshotBytes);
            }
        }
    }

    /// <summary>Begins: a new feed gets a snapshot of the map, and the index names feed and owner.</summary>
    /// <param name="map">The map. No other thread writes it during the call.</param>
    public void Begin(VersionedByteMap map)
    {
        lock (_gate)
        {
            long end = Known.SnapshotEnd;
            if (IsNew)
            {
                using VersionedByteMapSnapshot snapshot = map.CreateSnapshot();
                end = _feed.Append(snapshot);
                _snapshotBytes = _feed.Bytes;
                _replaced.Add(Known.Feed);
            }

            _lastAppend = _options.Clock.MonotonicNanos;
            _pointer = PointAsync(_feed, end);
        }
    }

    /// <inheritdoc/>
    public void Append(in MapChange change)
    {
        lock (_gate)
        {
            _feed.Append(in change);
            _lastAppend = _options.Clock.MonotonicNanos;
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        lock (_gate)
        {
            _feed.Flush();
        }
    }

    /// <summary>Appends a pulse if nothing was appended for a while.</summary>
    public void Pulse(TimeSpan idle)
    {
        lock (_gate)
        {
            if (_options.Clock.MonotonicNanos - _lastAppend >= idle.Ticks * TimeSpan.NanosecondsPerTick)
            {
                _feed.Pulse();
                _lastAppend = _options.Clock.MonotonicNanos;
            }
        }
    }

    /// <summary>Completes when a majority of the brokers has every change so far.</summary>
    /// <exception cref="EstreamException">Another process owns the map now, or replication failed.</exception>
    public async ValueTask WaitConfirmedAsync(CancellationToken cancellation)
    {
        MapFeed feed;
        long last;
        Task<long> pointer;
        lock (_gate)
        {
            (feed, last) = (_feed, _feed.Last);
            pointer = _pointer ?? throw new InvalidOperationException("The map is not replicated yet: Begin was not called.");
        }

        await _index.WaitQuorumAsync(await pointer.WaitAsync(cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        await feed.WaitConfirmedAsync(last, cancellation).ConfigureAwait(false);
    }

    /// <summary>Replaces the feed by a snapshot of the map and the changes since.</summary>
    /// <param name="map">The map.</param>
    /// <param name="writing">The lock under which the map is written.</param>
    /// <returns>Whether the feed was replaced; false if no majority of the brokers confirmed the new feed in time.</returns>
    /// <exception cref="EstreamException">The new feed cannot be written.</exception>
    public bool Replace(VersionedByteMap map, Lock writing)
    {
        MapFeed next = MapFeed.Open(NewNumber(), _streams, _files, _options.FeedQueue);
        bool isReplaced = false;
        try
        {
            using QueueTailer changes = _feed.Queue.CreateTailer();
            long snapshotEnd;
            VersionedByteMapSnapshot snapshot;
            lock (writing)
            {
                changes.SeekToEnd();
                snapshot = map.CreateSnapshot();
            }

            using (snapshot)
            {
                snapshotEnd = next.Append(snapshot);
            }

            // Each round copies the changes written during the previous round. The loop ends at FewMessages, so the map waits for one short
            // round trip. If writers never pause, the loop ends when a round is not less than half of the previous one, and the map waits
            // for that rest.
            long bytes = next.Bytes;
            int before;
            int copied = int.MaxValue;
            do
            {
                before = copied;
                next.WaitConfirmedAsync(next.Last, _stop.Token).AsTask().GetAwaiter().GetResult();
                copied = Copy(changes, next);
            }
            while (copied > FewMessages && copied < before / 2);

            lock (_gate)
            {
                _ = Copy(changes, next);
                isReplaced = IsConfirmed(next);
                if (isReplaced)
                {
                    Switch(next, snapshotEnd, bytes);
                }
            }

            return isReplaced;
        }
        finally
        {
            if (!isReplaced)
            {
                Track(DropAsync(next));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_pointer is { } pointer)
        {
            await ((Task)pointer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Task[] closing;
        lock (_gate)
        {
            closing = [.. _closing];
        }

        await Task.WhenAll(closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _feed.DisposeAsync().ConfigureAwait(false);
        _pointers.Dispose();
        await _indexPublisher.DisposeAsync().ConfigureAwait(false);
        _index.Dispose();
        _stop.Dispose();
    }

    private static long NewNumber()
    {
        long number = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
        return number == 0 ? 1 : number;
    }

    private static int Copy(QueueTailer changes, MapFeed next)
    {
        int count = 0;
        for (; changes.TryRead(out QueueMessage message); count++)
        {
            next.Append(message.Payload);
        }

        return count;
    }

    // A snapshot of this map would replace the changes of a feed that this machine does not have.
    private void RequireFeed(long feed)
    {
        if (!IsNew && !MapFiles.HasQueue(_files.Feed(feed)))
        {
            throw new EstreamReplicationException(
                $"The feed '{_files.Feed(feed)}' of map '{_streams.Map}' does not exist, so changes may be missing. Follow the map on this "
                + "machine, then publish it.", _files.Root, ReplicationFault.Truncated);
        }
    }

    private (MapPointer Newest, List<long> Replaced) ReadIndex()
    {
        MapPointer newest = default;
        List<long> replaced = [];
        using QueueTailer tailer = _index.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            if (MapPointer.TryRead(message.Payload, out MapPointer pointer))
            {
                if (pointer.Feed != newest.Feed)
                {
                    replaced.Add(newest.Feed);
                }

                newest = pointer;
            }
        }

        return (newest, replaced);
    }

    // A majority has the snapshot before the index names it.
    private async Task<long> PointAsync(MapFeed feed, long snapshotEnd)
    {
        await feed.WaitConfirmedAsync(IsNew ? snapshotEnd - 1 : -1, _stop.Token).ConfigureAwait(false);
        long position = _pointers.Append(new MapPointer(feed.Number, snapshotEnd, _options.Owner).ToBytes());
        Track(DeleteReplacedAsync(position));
        return position;
    }

    private bool IsConfirmed(MapFeed next)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(s_switchLimit);
        try
        {
            next.WaitConfirmedAsync(next.Last, limit.Token).AsTask().GetAwaiter().GetResult();
            return true;
        }
        catch (Exception failure) when (failure is OperationCanceledException or EstreamException)
        {
            return false;
        }
    }

    private void Switch(MapFeed next, long snapshotEnd, long snapshotBytes)
    {
        MapFeed last = _feed;
        long position = _pointers.Append(new MapPointer(next.Number, snapshotEnd, _options.Owner).ToBytes());
        (_feed, _snapshotBytes, _pointer) = (next, snapshotBytes, Task.FromResult(position));
        _closing.RemoveAll(task => task.IsCompleted);
        _closing.Add(RetireAsync(last, position));
    }

    // Changes of the earlier feed may still wait for their confirmation.
    private async Task RetireAsync(MapFeed last, long pointer)
    {
        try
        {
            await last.WaitConfirmedAsync(last.Last, _stop.Token).ConfigureAwait(false);
            await _index.WaitQuorumAsync(pointer, _stop.Token).ConfigureAwait(false);
            await DropAsync(last).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is OperationCanceledException or EstreamException or ObjectDisposedException)
        {
            // Deleted after the next start.
            await last.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task DropAsync(MapFeed feed)
    {
        await feed.DisposeAsync().ConfigureAwait(false);
        _files.DeleteFeed(feed.Number);
        await DeleteAsync(feed.Number).ConfigureAwait(false);
    }

    private async Task DeleteReplacedAsync(long pointer)
    {
        try
        {
            await _index.WaitQuorumAsync(pointer, _stop.Token).ConfigureAwait(false);
            foreach (long feed in _replaced.Where(feed => feed != 0).TakeLast(MaxDeleted))
            {
                await DeleteAsync(feed).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or EstreamException or ObjectDisposedException)
        {
            // Deleted after the next start.
        }
    }

    private async Task DeleteAsync(long feed)
    {
        try
        {
            await _streams.DeleteFeedAsync(feed).ConfigureAwait(false);
        }
        catch (EstreamException)
        {
            // Deleted after the next start, which finds the feed in the index.
        }
    }

    private void Track(Task closing)
    {
        lock (_gate)
        {
            _closing.Add(closing);
        }
    }
}
