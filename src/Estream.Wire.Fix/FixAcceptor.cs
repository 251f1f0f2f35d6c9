using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Estream.Core;
using Estream.Wire.Fix.Internal;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix;

/// <summary>A FIX acceptor: listens on a port and accepts Logons of the configured sessions.</summary>
public sealed class FixAcceptor : IAsyncDisposable
{
    private static readonly TimeSpan s_idleSweepInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_acceptRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_shutdownLimit = TimeSpan.FromSeconds(5);
    private const int Backlog = 128;
    private const int MaxPendingPerAddress = 32;
    private const long LookNanos = 1_000_000_000;

    private readonly FixAcceptorOptions _options;
    private readonly IClock _clock;
    private readonly AdapterEventLog _events;
    private readonly FixSessionTable _table;
    private readonly List<IFixStore> _stores = [];
    private readonly ConcurrentDictionary<FixConnection, bool> _connections = new();
    private Socket? _listener;
    private ReloadedFiles<ServerTlsFiles>? _tls;
    private DateTimeOffset? _outdated;
    private long _lookedAt;

    /// <summary>Creates an acceptor and opens the stores of its sessions. The port is not bound yet.</summary>
    /// <param name="options">How the acceptor listens.</param>
    /// <param name="sessions">The sessions that may log on.</param>
    /// <param name="application">Receives the messages of the sessions.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="events">Receives events for operators. Called from any thread; must return quickly and not throw.</param>
    /// <exception cref="WireConfigurationException">The options would let any peer from other machines log on, an option is out of range,
    /// or a journal belongs to a session of another FIX version.</exception>
    /// <exception cref="ArgumentException">There is no session, two sessions have the same version and CompIDs, or a session option is out
    /// of range.</exception>
    /// <exception cref="EstreamException">A journal cannot be read, or has another writer.</exception>
    public FixAcceptor(
        FixAcceptorOptions options, IEnumerable<FixSessionOptions> sessions, IFixApplication application, IClock clock,
        Action<AdapterEvent> events)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sessions);
        ArgumentNullException.ThrowIfNull(application);
        ArgumentNullException.ThrowIfNull(clock);
        FixSessionOptions[] all = [.. sessions];
        Check(options, all);
        _options = options;
        _clock = clock;
        _events = new AdapterEventLog(options.Name, clock, events);
        try
        {
            _table = new FixSessionTable(all.Select(session => Create(session, application)));
        }
        catch
        {
            _stores.ForEach(store => store.Dispose());
            throw;
        }
    }

    /// <summary>The address and port the acceptor listens on; null before the start. If the options set port 0, this is the port the system
    /// chose.</summary>
    public IPEndPoint? LocalEndPoint { get; private set; }

    /// <summary>All configured sessions, logged on or not.</summary>
    public IReadOnlyList<FixSession> Sessions => _table.Sessions;

    /// <summary>Binds the port and reads the certificates.</summary>
    /// <exception cref="WireConnectionException">The port is in use, or binding is not permitted.</exception>
    /// <exception cref="WireConfigurationException">A file named in the options is missing or invalid.</exception>
    public Task StartAsync(CancellationToken cancellation)
    {
        _tls = _options.Tls is { } tls ? new ReloadedFiles<ServerTlsFiles>(_ => tls.Load(), tls.Files) : null;
        Socket listener = new(_options.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(_options.Address, _options.Port));
            listener.Listen(Backlog);
        }
        catch (SocketException failure)
        {
            listener.Dispose();
            throw new WireConnectionException(
                $"'{_options.Name}' cannot listen on {_options.Address}:{_options.Port}: {failure.Message}. Set another Port, or stop the "
                + "process that uses it.",
                isTransient: true,
                failure);
        }

        _listener = listener;
        LocalEndPoint = (IPEndPoint)listener.LocalEndPoint!;
        _events.Report(AdapterEventKind.Started, $"Listening on {LocalEndPoint}{(_tls is null ? "" : " with TLS")}.");
        return Task.CompletedTask;
    }

    /// <summary>Why changed certificate files could not be loaded; null if the newest files are in use.</summary>
    internal string? CredentialFailure => _tls?.Failure;

    /// <summary>That a revocation list is outdated; null if none is.</summary>
    internal string? OutdatedList =>
        _tls?.Current.OutdatedSince(_clock.UtcNanos) is { } since ? ServerTlsFiles.Outdated(since) : null;

    /// <summary>Reloads certificates and revocation lists now; without this call, changes are picked up within two seconds. Ends
    /// connections whose peer certificate is revoked. Thread-safe.</summary>
    /// <exception cref="WireConfigurationException">A file is missing or invalid; the certificates in use stay in use.</exception>
    public void ReloadCertificates()
    {
        if (_tls is { } tls)
        {
            tls.Reload();
            EndRevoked(tls.Current);
        }
    }

    /// <summary>Accepts connections until cancelled, then logs out all sessions.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        Socket listener = _listener ?? throw new InvalidOperationException("Start the acceptor before it runs.");
        using CancellationTokenSource sweeping = new();
        Task sweeper = SweepAsync(sweeping.Token);
        AdapterMetrics[] metrics = [.. Sessions.Select(session => FixMetrics.Of(_options.Name, session))];
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
            listener.Dispose();
            await CloseConnectionsAsync().ConfigureAwait(false);
            await sweeping.CancelAsync().ConfigureAwait(false);
            await sweeper.ConfigureAwait(false);
            Array.ForEach(metrics, one => one.Dispose());
            _events.Report(AdapterEventKind.Stopped, "The acceptor has stopped.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener?.Dispose();
        await CloseConnectionsAsync().ConfigureAwait(false);
        _stores.ForEach(store => store.Dispose());
    }

    private static void Check(FixAcceptorOptions options, FixSessionOptions[] sessions)
    {
        Range("Port", options.Port, 0, ushort.MaxValue);
        Range("MaxConnections", options.MaxConnections, 1, 100_000);
        Range("WriteTimeoutSeconds", options.WriteTimeoutSeconds, 1, 3_600);
        Range("MaxWaitingBytes", options.MaxWaitingBytes, 64 * 1024, int.MaxValue);
        bool asks = options.Tls is { ClientCaFile: not null } or { ClientPins.Count: > 0 };
        if (!IPAddress.IsLoopback(options.Address) && !asks && !options.UnsafeAllowAnyPeer)
        {
            throw new WireConfigurationException(
                "Address",
                $"{options.Address} can be reached from other machines, and CompIDs do not authenticate a peer. Set Tls:ClientCaFile or "
                + "Tls:ClientPins, use 127.0.0.1, or set UnsafeAllowAnyPeer to true if the network admits trusted peers only.");
        }

        if (options.Tls is { ClientCaFile: not null, ClientPins.Count: 0 } && sessions.Length > 1 && !options.UnsafeAllowAnyPeer
            && sessions.FirstOrDefault(session => session.PeerCertificateName is null) is { } unbound)
        {
            throw new WireConfigurationException(
                "Sessions", $"the session with {unbound.TargetCompId} has no PeerCertificateName, so any counterparty with a certificate "
                + "of the authority could log on to it. Set PeerCertificateName for each session, or Tls:ClientPins.");
        }

        if (!asks && sessions.FirstOrDefault(session => session.PeerCertificateName is not null) is { } bound)
        {
            throw new WireConfigurationException(
                "Sessions", $"the session with {bound.TargetCompId} has a PeerCertificateName, but no client certificate is requested. Set "
                + "Tls:ClientCaFile or Tls:ClientPins, or leave PeerCertificateName out.");
        }
    }

    private static void Range(string key, int value, int min, int max)
    {
        if (value < min || value > max)
        {
            throw new WireConfigurationException(key, $"{value} is not accepted; write a whole number from {min} to {max}.");
        }
    }

    private FixSession Create(FixSessionOptions options, IFixApplication application)
    {
        IFixStore store = FixStores.Open(options);
        _stores.Add(store);
        return new FixSession(options, store, application, _clock);
    }

    /// <summary>Accepts connections until cancelled. A connection that cannot be accepted (no file descriptor left, or its network failed)
    /// does not stop the loop.</summary>
    private async Task AcceptAllAsync(Socket listener, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            Socket? socket = null;
            try
            {
                socket = await listener.AcceptAsync(cancellation).ConfigureAwait(false);
                Serve(socket);
            }
            catch (SocketException failure) when (failure.SocketErrorCode != SocketError.OperationAborted)
            {
                socket?.Dispose();
                _events.Report(AdapterEventKind.ConnectionFailed, $"A connection could not be accepted: {failure.Message}", failure);

                // A shortage of descriptors can last; retrying without a pause would keep a core busy.
                await Task.Delay(s_acceptRetry, cancellation).ConfigureAwait(false);
            }
        }
    }

    private void Serve(Socket socket)
    {
        if (_connections.Count >= _options.MaxConnections)
        {
            _events.Report(AdapterEventKind.ConnectionFailed,
                $"A connection was closed: {_options.MaxConnections} connections are open (MaxConnections).");
            socket.Dispose();
            return;
        }

        // Limits the connections of one address that have not logged on yet.
        IPAddress? address = (socket.RemoteEndPoint as IPEndPoint)?.Address is { } remote ? CountedAddress.Of(remote) : null;
        if (_connections.Keys.Count(open => open.Session is null && open.Address?.Equals(address) == true) >= MaxPendingPerAddress)
        {
            _events.Report(AdapterEventKind.ConnectionFailed,
                $"A connection was closed: {MaxPendingPerAddress} connections from {address} have not logged on.");
            socket.Dispose();
            return;
        }

        socket.NoDelay = true;
        FixKeepAlive.Set(socket);
        FixConnectionLimits limits = new(_options.WriteTimeoutSeconds, _options.MaxWaitingBytes);
        FixConnection connection = new(socket, new NetworkStream(socket, ownsSocket: true), limits, _clock, _events);
        _connections.TryAdd(connection, true);

        // The task ends with the connection and never throws.
        _ = Task.Run(async () =>
        {
            await connection.RunAsync(_table, _tls?.Current).ConfigureAwait(false);
            _connections.TryRemove(connection, out _);
        });
    }

    private async Task SweepAsync(CancellationToken cancellation)
    {
        using PeriodicTimer timer = new(FixSession.ShortTickInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
            {
                TimeSpan next = s_idleSweepInterval;
                foreach (FixConnection connection in _connections.Keys)
                {
                    Tick(connection);
                    next = TimeSpan.FromTicks(Math.Min(next.Ticks, connection.TickInterval.Ticks));
                }

                LookAtCertificates();
                timer.Period = next;
            }
        }
        catch (OperationCanceledException)
        {
            // The acceptor stops.
        }
    }

    private void LookAtCertificates()
    {
        long now = _clock.MonotonicNanos;
        if (_tls is not { } tls || now - _lookedAt < LookNanos)
        {
            return;
        }

        _lookedAt = now;
        try
        {
            if (tls.Look())
            {
                EndRevoked(tls.Current);
            }

            // Reports an outdated list once.
            DateTimeOffset? since = tls.Current.OutdatedSince(_clock.UtcNanos);
            if (since is { } time && since != _outdated)
            {
                _events.Report(AdapterEventKind.Degraded, ServerTlsFiles.Outdated(time));
            }

            _outdated = since;
        }
        catch (WireConfigurationException failure)
        {
            _events.Report(AdapterEventKind.Degraded,
                $"The changed certificates cannot be used; the previous ones stay in use: {failure.Message}", failure);
        }
    }

    private void EndRevoked(ServerTlsFiles files)
    {
        _events.Report(AdapterEventKind.CredentialsReloaded, "The certificates were reloaded.");
        foreach (FixConnection connection in _connections.Keys)
        {
            // _connections also contains connections that were accepted with the previous revocation list while the new list was loaded.
            connection.Review(files);
        }
    }

    private void Tick(FixConnection connection)
    {
        try
        {
            connection.Tick();
        }
        catch (Exception failure)
        {
            // For example, the journal's disk is full. Only this connection has to end.
            _events.Report(AdapterEventKind.ConnectionFailed, $"A connection was closed: {failure.Message}", failure);
            connection.Abort();
        }
    }

    private void AskToEnd(FixConnection connection)
    {
        try
        {
            if (connection.Session is { } session)
            {
                session.LogOut();
            }
            else
            {
                connection.Abort();
            }
        }
        catch (Exception failure)
        {
            // For example, the journal's disk is full. This connection ends without a Logout; the other connections still get a Logout.
            _events.Report(AdapterEventKind.ConnectionFailed, $"A connection was closed: {failure.Message}", failure);
            connection.Abort();
        }
    }

    private async Task CloseConnectionsAsync()
    {
        FixConnection[] open = [.. _connections.Keys];
        foreach (FixConnection connection in open)
        {
            AskToEnd(connection);
        }

        Task allEnded = Task.WhenAll(open.Select(connection => connection.Ended));
        await Task.WhenAny(allEnded, Task.Delay(s_shutdownLimit)).ConfigureAwait(false);
        foreach (FixConnection connection in open)
        {
            connection.Abort();
        }

        await allEnded.ConfigureAwait(false);
    }
}
