using Estream.Core;
using Estream.Host.Http;
using Estream.Queue;
using Estream.Replication;

namespace Estream.Host.Runtime;

/// <summary>
/// The standby of a host with the role auto: follows the queues and maps of the active host, and competes for the lease. Thread-safe.
/// </summary>
/// <remarks>The lease only chooses the host. Before this host opens its queues, it begins the next epoch of each queue. From then on, no
/// message of an earlier host is confirmed.</remarks>
internal sealed partial class ReplicationStandby : IAsyncDisposable
{
    private readonly IReadOnlyList<StandbyCopy> _copies;
    private readonly IReadOnlyList<MapFollower> _maps;
    private readonly ILogger _logger;
    private readonly string _name;
    private readonly IClock _clock;
    private readonly ReplicationLease _lease;
    private readonly DivergedLogs _diverged;
    private readonly PeriodicCheck _check;
    private int _isClosed;

    private ReplicationStandby(RabbitReplication replication, string name, IReadOnlyList<StandbyCopy> copies,
        IReadOnlyList<MapFollower> maps, DivergedLogs diverged, IClock clock, TimeProvider time, ILogger logger)
    {
        (_name, _copies, _maps, _diverged, _clock, _logger) = (name, copies, maps, diverged, clock, logger);
        _lease = replication.OpenLease(name);
        _check = new PeriodicCheck("diverged logs", _ => diverged.Check(), time, logger);
    }

    /// <summary>Watches the lease of this host, once it is active.</summary>
    /// <param name="lost">Gets the reason when this host has not held the lease for five seconds.</param>
    /// <param name="time">The clock.</param>
    public LeaseGuard Guard(Action<string> lost, TimeProvider time) => new(_name, () => _lease.IsHeld, lost, time);

    /// <summary>The copies; empty once this host is active.</summary>
    public IReadOnlyList<ReplicationOverview> Overviews =>
        Volatile.Read(ref _isClosed) != 0 ? []
            : [.. _copies.Select(copy => copy.Overview), .. _maps.Select(map => ReplicationOverview.OfMap(map.GetStatus()))];

    /// <summary>The logs that this host has put aside, also while this host is active.</summary>
    public IReadOnlyList<DivergedHealth> Diverged => _diverged.Health;

    /// <summary>Starts to follow the queues, then to compete for the lease.</summary>
    /// <exception cref="EstreamException">A copy is in use, contains another queue, or cannot be written.</exception>
    public static ReplicationStandby Start(
        HostConfiguration host, ReplicationPlan plan, IClock clock, TimeProvider time, ILogger logger)
    {
        PartitionedQueues.Check(host.Data);
        RabbitReplication replication = new(plan.Cluster);
        List<StandbyCopy> copies = [];
        List<MapFollower> maps = [];
        (string Queue, string Directory)[] queues =
        [
            .. plan.Publish.Select(queue => (queue, host.Data.Queue(queue))),
            .. host.Journals.Select(journal => (journal.Stream, journal.Directory)),
        ];
        DivergedLogs diverged = new(queues, plan.DivergedDays, clock, logger);
        try
        {
            foreach ((string queue, string directory) in queues)
            {
                copies.Add(new StandbyCopy(replication, queue, directory, new QueueOptions { Clock = clock }, diverged, logger));
            }

            foreach (string map in plan.PublishMaps)
            {
                maps.Add(replication.FollowMap(
                    map, host.Data.Map(map), host.Data.MapFeeds(map), new MapReplicationOptions { Clock = clock }));
            }
        }
        catch
        {
            foreach (IAsyncDisposable copy in copies.Concat<IAsyncDisposable>(maps))
            {
                copy.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }

            throw;
        }

        return new ReplicationStandby(replication, plan.Lease!, copies, maps, diverged, clock, time, logger);
    }

    /// <summary>Waits for the lease, takes over all queues and maps, and closes the copies, so that they can be opened as queues.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Whether another host published the queues or maps before.</returns>
    /// <exception cref="EstreamException">A queue cannot be taken over.</exception>
    public async Task<bool> TakeOverAsync(CancellationToken cancellation)
    {
        LogStandby(_logger, _name);
        await _lease.Acquired.WaitAsync(cancellation).ConfigureAwait(false);
        LogLease(_logger, _name);
        long start = _clock.MonotonicNanos;
        bool[] existed = await Task.WhenAll(_copies.Select(copy => copy.TakeOverAsync(cancellation))
            .Concat(_maps.Select(map => map.TakeOverAsync(cancellation)))).ConfigureAwait(false);
        await CloseCopiesAsync().ConfigureAwait(false);
        LogTakeover(_logger, existed.Length, (_clock.MonotonicNanos - start) / 1_000_000);
        return existed.Contains(true);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseCopiesAsync().ConfigureAwait(false);
        await _check.DisposeAsync().ConfigureAwait(false);
        await _lease.DisposeAsync().ConfigureAwait(false);
    }

    private async Task CloseCopiesAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            return;
        }

        foreach (IAsyncDisposable copy in _copies.Concat<IAsyncDisposable>(_maps))
        {
            await copy.DisposeAsync().ConfigureAwait(false);
        }
    }

    [LoggerMessage(EventId = 100, Level = LogLevel.Information,
        Message = "Standby: this host follows the active host, and takes over when it gets the lease {Lease}.")]
    private static partial void LogStandby(ILogger logger, string lease);

    [LoggerMessage(EventId = 101, Level = LogLevel.Information, Message = "This host has the lease {Lease}, and takes over.")]
    private static partial void LogLease(ILogger logger, string lease);

    [LoggerMessage(EventId = 102, Level = LogLevel.Information, Message = "Took over {Count} queues and maps in {Milliseconds} ms.")]
    private static partial void LogTakeover(ILogger logger, int count, long milliseconds);
}
