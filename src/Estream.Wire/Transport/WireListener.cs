using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Estream.Core;

namespace Estream.Wire;

/// <summary>Where an adapter listens, and how many connections it serves.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The port; 0 for a free one.</param>
/// <param name="MaxConnections">The limit of connections; further ones are closed.</param>
/// <param name="Tls">The certificates; null for connections without TLS.</param>
internal sealed record ListenerSettings(IPAddress Address, int Port, int MaxConnections, WireServerTlsOptions? Tls)
{
    /// <summary>The limit of connections of one address; 0 for a quarter of <see cref="MaxConnections"/>, and no limit for this
    /// machine.</summary>
    public int MaxConnectionsPerAddress { get; init; }

    /// <summary>The only peers that are served; empty for all peers with an accepted certificate.</summary>
    public IReadOnlyList<WirePeer> Peers { get; init; } = [];

    /// <summary>The limit of connections of one address.</summary>
    public int PerAddress => MaxConnectionsPerAddress > 0 ? MaxConnectionsPerAddress : Math.Max(1, MaxConnections / 4);
}

/// <summary>
/// Accepts TCP connections for an adapter and keeps track of them: limits their number, of all and of one address, reloads changed
/// certificates and ends connections with revoked ones, retries blocked queues, and closes everything at the end.
/// </summary>
/// <param name="adapter">The name of the adapter, for messages.</param>
/// <param name="settings">Where to listen.</param>
/// <param name="routes">The queues of the adapter, which are retried five times a second while there are connections.</param>
/// <param name="clock">The clock.</param>
/// <param name="events">Receives events.</param>
/// <param name="open">Wraps an accepted socket. Called by one thread at a time.</param>
/// <param name="counters">Counts connections that were closed because of a limit.</param>
internal sealed class WireListener(
    string adapter, ListenerSettings settings, IngressRoutes routes, IClock clock, AdapterEventLog events,
    Func<Socket, ServedConnection> open, AdapterCounters counters) : IAsyncDisposable
{
    private const int Backlog = 128;

    // The limit of connections of one address that have neither shown a certificate nor completed a message.
    private const int MaxPendingPerAddress = 32;

    private static readonly TimeSpan s_tickInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_shutdownLimit = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<ServedConnection, Task> _connections = new();
    private readonly Tally<IPAddress> _perAddress = new(settings.PerAddress);
    private readonly Tally<IPAddress> _pending = new(Math.Min(MaxPendingPerAddress, settings.PerAddress));
    private DateTimeOffset? _outdated;
    private Socket? _listener;
    private ReloadedFiles<ServerTlsFiles>? _tls;
    private volatile bool _isServing;

    /// <summary>The bound address and port; null before the start.</summary>
    public IPEndPoint? LocalEndPoint { get; private set; }

    /// <summary>The table <c>connections</c>. Connections do not wait for it.</summary>
    public AdapterTable Table => ServedConnection.TableOf(() => _connections.Keys, () => _connections.Count);

    /// <summary>The number of open connections.</summary>
    public int Count => _connections.Count;

    /// <summary>The health of the adapter.</summary>
    /// <param name="blocked">Why peers are paused; null if they are not.</param>
    /// <param name="peers">The peers, for the operator, such as "3 connections".</param>
    public HealthStatus HealthOf(string? blocked, string peers) =>
        !_isServing ? HealthStatus.Unhealthy("The adapter is not running.")
        : blocked is not null ? HealthStatus.Unhealthy(blocked)
        : _tls?.Failure is { } failure
            ? HealthStatus.Degraded($"The changed certificates cannot be used; the previous ones stay in use: {failure}")
        : _tls?.Current.OutdatedSince(clock.UtcNanos) is { } since ? HealthStatus.Degraded(ServerTlsFiles.Outdated(since))
        : HealthStatus.Healthy($"Listening on {LocalEndPoint}, {peers}.");

    /// <summary>Binds the socket.</summary>
    /// <exception cref="WireConnectionException">The address or port cannot be used.</exception>
    /// <exception cref="WireConfigurationException">A certificate cannot be read.</exception>
    public void Start()
    {
        _tls = settings.Tls is { } tls ? new ReloadedFiles<ServerTlsFiles>(_ => tls.Load(), tls.Files) : null;
        Socket listener = new(settings.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(settings.Address, settings.Port));
            listener.Listen(Backlog);
        }
        catch (SocketException failure)
        {
            listener.Dispose();
            throw new WireConnectionException(
                $"'{adapter}' cannot listen on {settings.Address}:{settings.Port}: {failure.Message}. Set another Port, or stop the "
                + "process that uses it. Ports below 1024 need the capability CAP_NET_BIND_SERVICE.",
                isTransient: true,
                failure);
        }

        _listener = listener;
        LocalEndPoint = (IPEndPoint)listener.LocalEndPoint!;
        events.Report(AdapterEventKind.Started, $"Listening on {LocalEndPoint}{(_tls is null ? "" : " with TLS")}.");
        if (settings.Tls is { ClientCaFile: { } file, ClientPins.Count: 0 } && settings.Peers.Count == 0)
        {
            events.Report(AdapterEventKind.Degraded,
                $"Every certificate of the authorities in {file} is accepted. Set Peers to serve only the peers that should connect.");
        }

        LookAtRevocationList();
    }

    /// <summary>Serves connections until cancelled, then closes them.</summary>
    /// <exception cref="InvalidOperationException">The listener was not started.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        Socket listener = _listener ?? throw new InvalidOperationException("Start the adapter before it ingests.");
        using CancellationTokenSource ticking = new();
        Task ticks = TickAsync(ticking.Token);
        _isServing = true;
        try
        {
            await AcceptAllAsync(listener, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Normal shutdown.
        }
        finally
        {
            _isServing = false;
            await DisposeAsync().ConfigureAwait(false);
            await ticking.CancelAsync().ConfigureAwait(false);
            await ticks.ConfigureAwait(false);
            events.Report(AdapterEventKind.Stopped, "The listener has stopped.");
        }
    }

    /// <summary>Reads the certificates again, and ends connections with revoked ones.</summary>
    /// <exception cref="WireConfigurationException">A file is invalid; the previous certificates stay in use.</exception>
    public void ReloadCredentials()
    {
        if (_tls is { } tls)
        {
            tls.Reload();
            EndRevoked(tls.Current);
            LookAtRevocationList();
        }
    }

    /// <summary>Closes the socket and all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        _listener?.Dispose();
        foreach (ServedConnection connection in _connections.Keys)
        {
            connection.Abort();
        }

        Task allEnded = Task.WhenAll(_connections.Values);
        await Task.WhenAny(allEnded, Task.Delay(s_shutdownLimit)).ConfigureAwait(false);
    }

    /// <summary>Accepts connections until cancelled. A connection that cannot be accepted does not stop the loop.</summary>
    private async Task AcceptAllAsync(Socket listener, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                Serve(await listener.AcceptAsync(cancellation).ConfigureAwait(false));
            }
            catch (SocketException failure) when (failure.SocketErrorCode != SocketError.OperationAborted)
            {
                events.Report(AdapterEventKind.ConnectionFailed, $"A connection could not be accepted: {failure.Message}", failure);

                // A shortage of descriptors can last; retrying without a pause would keep a core busy.
                await Task.Delay(s_tickInterval, cancellation).ConfigureAwait(false);
            }
        }
    }

    private void Serve(Socket socket)
    {
        IPAddress? address = LimitedAddress(socket);
        string? full = _connections.Count >= settings.MaxConnections ? $"{settings.MaxConnections} connections are open (MaxConnections)"
            : !_perAddress.HasRoom(address)
                ? $"{settings.PerAddress} connections from {address} are open (MaxConnectionsPerAddress)"
            : !_pending.HasRoom(address) ? $"too many connections from {address} have not sent a message"
            : null;
        if (full is not null)
        {
            counters.Refuse("a limit of connections is reached", full);
            events.Report(AdapterEventKind.ConnectionFailed, $"A connection was closed: {full}.");
            socket.Dispose();
            return;
        }

        // One thread accepts, so no other connection has taken the room in between.
        _perAddress.Add(address);
        _pending.Add(address);
        ServedConnection connection = open(socket);
        connection.Established = () => _pending.Remove(address);

        // The task ends with the connection and never throws. It removes itself, so it must be registered first.
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections.TryAdd(connection, ended.Task);
        _ = Task.Run(async () =>
        {
            await connection.RunAsync(() => _tls?.Current, settings.Peers).ConfigureAwait(false);
            connection.Establish();
            _perAddress.Remove(address);
            _connections.TryRemove(connection, out _);
            ended.SetResult();
        });
    }

    // Null if the connections of the address are not limited.
    private IPAddress? LimitedAddress(Socket socket)
    {
        IPAddress? address = (socket.RemoteEndPoint as IPEndPoint)?.Address;
        address = address is null ? null : CountedAddress.Of(address);
        return address is null || (settings.MaxConnectionsPerAddress == 0 && IPAddress.IsLoopback(address)) ? null : address;
    }

    private async Task TickAsync(CancellationToken cancellation)
    {
        TimeSpan sinceLook = TimeSpan.Zero;
        while (!cancellation.IsCancellationRequested)
        {
            routes.Retry();
            TimeSpan interval = _connections.IsEmpty ? s_lookInterval : s_tickInterval;
            sinceLook += interval;
            if (sinceLook >= s_lookInterval)
            {
                sinceLook = TimeSpan.Zero;
                LookAtCertificates();
            }

            await Task.Delay(AlignedWakes.UntilNext(interval), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void LookAtCertificates()
    {
        try
        {
            if (_tls is { } tls && tls.Look())
            {
                EndRevoked(tls.Current);
            }

            LookAtRevocationList();
        }
        catch (WireConfigurationException failure)
        {
            events.Report(AdapterEventKind.Degraded,
                $"The changed certificates cannot be used; the previous ones stay in use: {failure.Message}", failure);
        }
    }

    // Reports an outdated list once.
    private void LookAtRevocationList()
    {
        DateTimeOffset? since = _tls?.Current.OutdatedSince(clock.UtcNanos);
        if (since is { } time && since != _outdated)
        {
            events.Report(AdapterEventKind.Degraded, ServerTlsFiles.Outdated(time));
        }

        _outdated = since;
    }

    private void EndRevoked(ServerTlsFiles files)
    {
        events.Report(AdapterEventKind.CredentialsReloaded, "The certificates were reloaded.");
        foreach (ServedConnection connection in _connections.Keys)
        {
            connection.Review(files);
        }
    }
}
