using System.IO.Pipelines;
using Estream.Client;
using Estream.Client.Protocol;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Host.Widgets;
using Estream.Wire;

namespace Estream.Host.Remote;

/// <summary>The connections of remote clients. Stops before the data plane, so no request uses storage that is closing.
/// Thread-safe.</summary>
internal sealed partial class RemoteServer(
    ClientSettings settings, HostState state, AccessControl access, TimeProvider time, ILogger<RemoteServer> logger,
    IWidgetGrants? widgets = null)
    : IHostedLifecycleService, IAsyncDisposable
{
    /// <summary>The time to send the last responses of a connection that ends.</summary>
    public static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);

    private const int RefusedPerMinute = 30;
    private const int ScansAtOnce = 2;
    private const int RefusalsLoggedPerMinute = 30;

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly Dictionary<RemoteSession, (Task Run, Action Abort)> _sessions = [];
    private readonly RefusalBudget _refusals = new(RefusedPerMinute, time);
    private readonly RefusalBudget _logged = new(RefusalsLoggedPerMinute, time);
    private readonly ConnectionLimits _limits = new(settings.MaxConnections, settings.MaxConnectionsPerAddress);
    private readonly CancellationTokenSource _stop = new();

    // Ticks only while there are sessions. The lock of _sessions protects the period.
    private readonly PeriodicTimer _timer = new(Timeout.InfiniteTimeSpan);
    private Task _watching = Task.CompletedTask;

    public ClientSettings Settings => settings;

    public AccessControl Access => access;

    /// <summary>What installed widgets may read; null if the host runs no widgets.</summary>
    public IWidgetGrants? Widgets => widgets;

    /// <summary>The stream subscriptions of all connections.</summary>
    public StreamTotals Streams { get; } = new();

    /// <summary>The scans of maps, each of which reads a whole map. One identity has one at a time.</summary>
    public ScanTurns Scans { get; } = new(ScansAtOnce, perIdentity: 1);

    /// <summary>The parts of filtered subscriptions, each of which reads some thousand messages.</summary>
    public ScanTurns FilterTurns { get; } = new(ScanTurns.HalfOfProcessors, Math.Max(1, ScanTurns.HalfOfProcessors / 2));

    /// <summary>The time in which Hello must arrive.</summary>
    public static long HelloMillis => 10_000;

    /// <summary>The time after which a client that receives nothing is disconnected.</summary>
    public static long StuckMillis => 30_000;

    public int ConnectionCount => _limits.Count;

    /// <summary>Returns the open host; null while it starts or stops.</summary>
    public HostComponents? PartsOrNull() =>
        !_stop.IsCancellationRequested && state is { Phase: HostPhase.Running, Parts: { Remote: not null } parts } ? parts : null;

    /// <exception cref="RemoteRefusalException">The role is not sufficient.</exception>
    public static void Require(AccessRole role, AccessRole required, string what)
    {
        if (role < required)
        {
            throw new RemoteRefusalException(ClientStatus.Forbidden,
                $"The role {RoleMiddleware.NameOf(required)} is required to {what}; the token has the role {RoleMiddleware.NameOf(role)}.");
        }
    }

    /// <summary>Counts a connection as one of a client.</summary>
    /// <exception cref="RemoteRefusalException">The host or the address has the maximum number of connections.</exception>
    public void Admit(RemotePeer peer)
    {
        if (_limits.TryAdmit(peer) is { } reason)
        {
            LogRefused(peer.Origin, reason);
            throw new RemoteRefusalException(ClientStatus.Unavailable, reason);
        }
    }

    /// <summary>Serves a connection until it ends.</summary>
    /// <param name="transport">The bytes of the connection.</param>
    /// <param name="peer">Who connected.</param>
    /// <param name="abort">Closes the connection at once.</param>
    public async Task ServeAsync(IDuplexPipe transport, RemotePeer peer, Action abort)
    {
        RemoteSession session = new(this, peer, transport);
        await using (session.ConfigureAwait(false))
        {
            if (_limits.TryEnter(peer) is { } reason)
            {
                LogRefused(peer.Origin, reason);
                abort();
                return;
            }

            TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!TryAdd(session, ended.Task, abort))
            {
                _limits.Leave(peer, isAdmitted: false);
                abort();
                return;
            }

            try
            {
                await session.RunAsync().ConfigureAwait(false);
            }
            finally
            {
                lock (_sessions)
                {
                    _sessions.Remove(session);
                    if (_sessions.Count == 0)
                    {
                        _timer.Period = Timeout.InfiniteTimeSpan;
                    }
                }

                _limits.Leave(peer, session.IsAdmitted);
                ended.TrySetResult();
            }
        }
    }

    /// <summary>Records a completed request in the audit queue.</summary>
    public static void RecordDone(HostComponents parts, RemoteSession session, string action, string detail) =>
        parts.Audit?.Record(RecordOf(session, action, AuditOutcome.Done, detail));

    /// <summary>Records a refused request in the audit queue, within a limit per minute.</summary>
    public void RecordRefused(HostComponents parts, RemoteSession session, string action, string detail)
    {
        if (parts.Audit is { } audit && _refusals.TryTake(out int unrecorded))
        {
            audit.Record(RecordOf(session, action, AuditOutcome.Refused,
                detail + (unrecorded > 0 ? $" {unrecorded} earlier refused requests were not recorded." : "")));
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _watching = WatchAsync();
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends all connections after the requests they are doing.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        (RemoteSession Session, Task Run, Action Abort)[] open = Open();
        foreach ((RemoteSession session, _, _) in open)
        {
            session.Stop("The host is stopping. Connect again later.");
        }

        Task all = Task.WhenAll(open.Select(one => one.Run));
        await all.WaitAsync(2 * DrainLimit, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach ((_, Task run, Action abort) in open.Where(one => !one.Run.IsCompleted))
        {
            abort();
            await run.ConfigureAwait(false);
        }

        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _stop.Dispose();
        _timer.Dispose();
        return default;
    }

    /// <summary>Adds a session, unless the host stops, because the host would not wait for its end.</summary>
    private bool TryAdd(RemoteSession session, Task run, Action abort)
    {
        lock (_sessions)
        {
            if (_stop.IsCancellationRequested || !_sessions.TryAdd(session, (run, abort)))
            {
                return false;
            }

            if (_sessions.Count == 1)
            {
                _timer.Period = s_look;
            }

            return true;
        }
    }

    private (RemoteSession Session, Task Run, Action Abort)[] Open()
    {
        lock (_sessions)
        {
            return [.. _sessions.Select(one => (one.Key, one.Value.Run, one.Value.Abort))];
        }
    }

    private static AuditRecord RecordOf(RemoteSession session, string action, AuditOutcome outcome, string detail) =>
        new(session.Identity?.Name ?? "nobody", $"client {action.ToLowerInvariant()}", outcome)
        {
            Role = session.Identity is { } identity ? RoleMiddleware.NameOf(identity.Role) : "",
            Origin = session.Origin,
            Target = session.ClientName,
            Detail = detail,
        };

    /// <summary>Closes silent connections, those whose client does not read, and those whose token is not valid any more.</summary>
    private async Task WatchAsync()
    {
        while (await _timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
        {
            long now = ConnectionClock.Millis;
            foreach ((RemoteSession session, _, Action abort) in Open())
            {
                try
                {
                    Watch(session, abort, now);
                }
                catch (Exception failure) when (failure is not OutOfMemoryException)
                {
                    // One connection must not end the watch of all others.
                    LogClosed(session.Origin, session.ClientName, failure.Message);
                    abort();
                }
            }
        }
    }

    private void Watch(RemoteSession session, Action abort, long now)
    {
        session.Output.TrimIfIdle();
        if (session.WhyClose(now) is { } reason)
        {
            LogClosed(session.Origin, session.ClientName, reason);
            abort();
        }
        else if (session.StopIfRevoked())
        {
            LogClosed(session.Origin, session.ClientName, "its token is not valid any more");
        }
        else
        {
            session.EndChangedStreams();
        }
    }

    [LoggerMessage(EventId = 90, Level = LogLevel.Information, Message = "The client connection of {Origin} ({Name}) is closed: {Reason}.")]
    private partial void LogClosed(string origin, string name, string reason);

    private void LogRefused(string origin, string reason)
    {
        if (_logged.TryTake(out int unlogged))
        {
            LogRefused(origin, reason, unlogged);
        }
    }

    [LoggerMessage(EventId = 91, Level = LogLevel.Warning,
        Message = "A client connection of {Origin} is refused: {Reason} ({Unlogged} earlier refusals were not logged).")]
    private partial void LogRefused(string origin, string reason, int unlogged);
}
