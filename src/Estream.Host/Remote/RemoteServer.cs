using System.IO.Pipelines;
using Estream.Client;
using Estream.Client.Protocol;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Wire;

namespace Estream.Host.Remote;

/// <summary>The connections of remote clients. Stops before the data plane, so no request uses storage that is closing.
/// Thread-safe.</summary>
internal sealed partial class RemoteServer(
    ClientSettings settings, HostState state, AccessControl access, TimeProvider time, ILogger<RemoteServer> logger)
    : IHostedLifecycleService, IAsyncDisposable
{
    /// <summary>The time to send the last responses of a connection that ends.</summary>
    public static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);

    private const int RefusedPerMinute = 30;
    private const int ScansAtOnce = 2;

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly Dictionary<RemoteSession, (Task Run, Action Abort)> _sessions = [];
    private readonly RefusalBudget _refusals = new(RefusedPerMinute, time);
    private readonly CancellationTokenSource _stop = new();

    // Ticks only while there are sessions. The lock of _sessions protects the period.
    private readonly PeriodicTimer _timer = new(Timeout.InfiniteTimeSpan);
    private Task _watching = Task.CompletedTask;
    private int _count;

    public ClientSettings Settings => settings;

    public AccessControl Access => access;

    /// <summary>Limits concurrent scans, each of which reads a whole map.</summary>
    public SemaphoreSlim Scans { get; } = new(ScansAtOnce, ScansAtOnce);

    /// <summary>The time for the first frame.</summary>
    public static long HelloMillis => 10_000;

    /// <summary>The time after which a client that receives nothing is disconnected.</summary>
    public static long StuckMillis => 30_000;

    public int ConnectionCount => Volatile.Read(ref _count);

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

    /// <summary>Serves a connection until it ends.</summary>
    /// <param name="transport">The bytes of the connection.</param>
    /// <param name="peer">Who connected.</param>
    /// <param name="abort">Closes the connection at once.</param>
    public async Task ServeAsync(IDuplexPipe transport, RemotePeer peer, Action abort)
    {
        RemoteSession session = new(this, peer, transport);
        await using (session.ConfigureAwait(false))
        {
            if (Interlocked.Increment(ref _count) > settings.MaxConnections)
            {
                Interlocked.Decrement(ref _count);
                LogTooMany(peer.Origin, settings.MaxConnections);
                abort();
                return;
            }

            TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!TryAdd(session, ended.Task, abort))
            {
                Interlocked.Decrement(ref _count);
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

                Interlocked.Decrement(ref _count);
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
        Scans.Dispose();
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
                if (session.WhyClose(now) is { } reason)
                {
                    LogClosed(session.Origin, session.ClientName, reason);
                    abort();
                }
                else if (session.StopIfRevoked())
                {
                    LogClosed(session.Origin, session.ClientName, "its token is not valid any more");
                }
            }
        }
    }

    [LoggerMessage(EventId = 90, Level = LogLevel.Information, Message = "The client connection of {Origin} ({Name}) is closed: {Reason}.")]
    private partial void LogClosed(string origin, string name, string reason);

    [LoggerMessage(EventId = 91, Level = LogLevel.Warning,
        Message = "A client connection of {Origin} is refused: the host has {Limit}, its maximum. Set Estream:Client:MaxConnections.")]
    private partial void LogTooMany(string origin, int limit);
}
