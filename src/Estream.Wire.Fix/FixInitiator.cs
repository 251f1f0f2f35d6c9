using System.Net.Sockets;
using Estream.Core;
using Estream.Wire.Fix.Internal;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix;

/// <summary>A FIX initiator: connects to an acceptor and logs on, and reconnects when the connection is lost.</summary>
public sealed class FixInitiator : IAsyncDisposable
{
    private const long NanosPerSecond = 1_000_000_000;

    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_shutdownLimit = TimeSpan.FromSeconds(5);

    private readonly FixInitiatorOptions _options;
    private readonly IClock _clock;
    private readonly AdapterEventLog _events;
    private readonly IFixStore _store;
    private readonly Lock _gate = new();
    private FixConnection? _connection;
    private volatile bool _isDisposed;

    /// <summary>Creates an initiator and opens the store of its session. Nothing is connected yet.</summary>
    /// <param name="options">Where to connect.</param>
    /// <param name="session">The session options.</param>
    /// <param name="application">Receives the messages.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="events">Receives events for operators. Called from any thread; must return quickly and not throw.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="WireConfigurationException">The journal belongs to a session of another FIX version.</exception>
    /// <exception cref="EstreamException">The journal cannot be read, or has another writer.</exception>
    public FixInitiator(
        FixInitiatorOptions options, FixSessionOptions session, IFixApplication application, IClock clock, Action<AdapterEvent> events)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(application);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.ConnectTimeoutSeconds);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxReconnectSeconds);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.WriteTimeoutSeconds);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxWaitingBytes);
        if (session.PeerCertificateName is not null)
        {
            throw new ArgumentException("PeerCertificateName is an option of acceptors. For an initiator, set Tls.ServerName.",
                nameof(session));
        }

        _options = options;
        _clock = clock;
        _events = new AdapterEventLog(options.Name, clock, events);
        _store = FixStores.Open(session);
        try
        {
            Session = new FixSession(session, _store, application, clock);
        }
        catch
        {
            _store.Dispose();
            throw;
        }
    }

    /// <summary>The session, logged on or not.</summary>
    public FixSession Session { get; }

    /// <summary>Connects and reconnects until cancelled, then logs out.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using AdapterMetrics metrics = FixMetrics.Of(_options.Name, Session);
        try
        {
            await ConnectForEverAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _events.Report(AdapterEventKind.Stopped, "The initiator has stopped.");
        }
    }

    /// <summary>Releases the journal. If the initiator still runs, first aborts its connection without a Logout, so that nothing is sent
    /// that is not in the journal.</summary>
    public async ValueTask DisposeAsync()
    {
        FixConnection? connection;
        lock (_gate)
        {
            _isDisposed = true;
            connection = _connection;
        }

        if (connection is not null)
        {
            connection.Abort();
            await connection.Ended.ConfigureAwait(false);
        }

        _store.Dispose();
    }

    private async Task ConnectForEverAsync(CancellationToken cancellation)
    {
        Backoff backoff = new(s_firstWait, TimeSpan.FromSeconds(_options.MaxReconnectSeconds), Random.Shared);
        while (!cancellation.IsCancellationRequested && !_isDisposed)
        {
            try
            {
                if (!Session.IsInHours)
                {
                    await WaitAsync(s_firstWait, cancellation).ConfigureAwait(false);
                    continue;
                }

                await ConnectOnceAsync(backoff, cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // Retry after any error: unsent messages are in the journal, and an unexpected error must not end the session permanently.
                _events.Report(AdapterEventKind.ConnectionFailed, failure.Message, failure);
            }

            await WaitAsync(backoff.Next(), cancellation).ConfigureAwait(false);
        }
    }

    private async Task ConnectOnceAsync(Backoff backoff, CancellationToken cancellation)
    {
        (Socket socket, Stream stream) = await FixDialer.ConnectAsync(_options, cancellation).ConfigureAwait(false);

        // The connection, once created, also closes the socket.
        using Socket closing = socket;
        long connectedAt = _clock.MonotonicNanos;
        FixConnectionLimits limits = new(_options.WriteTimeoutSeconds, _options.MaxWaitingBytes);
        FixConnection connection = new(socket, stream, limits, _clock, _events);
        if (!TryHold(connection))
        {
            connection.Dispose();
            return;
        }

        await ServeAsync(connection, cancellation).ConfigureAwait(false);

        // Keep the backoff for short connections, so that an acceptor that refuses every Logon is not contacted five times a second.
        if (_clock.MonotonicNanos - connectedAt > _options.MaxReconnectSeconds * NanosPerSecond)
        {
            backoff.Reset();
        }
    }

    private bool TryHold(FixConnection connection)
    {
        lock (_gate)
        {
            _connection = _isDisposed ? null : connection;
            return !_isDisposed;
        }
    }

    /// <summary>Ticks a connection until it ends. On cancellation, the session logs out first.</summary>
    private async Task ServeAsync(FixConnection connection, CancellationToken cancellation)
    {
        Task running = Task.Run(() => connection.RunAsync(Session), CancellationToken.None);
        long givenUpAt = long.MaxValue;
        TimeSpan interval = FixSession.ShortTickInterval;
        try
        {
            while (!connection.Ended.IsCompleted)
            {
                bool canLogOut = connection.Session is not null && givenUpAt == long.MaxValue;
                CancellationToken asks = canLogOut ? cancellation : CancellationToken.None;
                await Task.WhenAny(connection.Ended, WaitAsync(interval, asks)).ConfigureAwait(false);
                bool isAsked = cancellation.IsCancellationRequested && givenUpAt == long.MaxValue;
                if (isAsked)
                {
                    givenUpAt = _clock.MonotonicNanos + (long)s_shutdownLimit.TotalNanoseconds;
                }

                Tick(connection, isAsked, isOver: _clock.MonotonicNanos >= givenUpAt);
                interval = connection.TickInterval;
            }
        }
        catch
        {
            // Without ticks, timeouts would no longer be detected.
            connection.Abort();
            throw;
        }
        finally
        {
            await running.ConfigureAwait(false);
        }
    }

    private void Tick(FixConnection connection, bool isAsked, bool isOver)
    {
        try
        {
            if (isOver)
            {
                connection.Abort();
                return;
            }

            if (isAsked)
            {
                Session.LogOut();
            }

            connection.Tick();
        }
        catch (Exception failure)
        {
            // For example, the journal's disk is full: the connection has to end.
            _events.Report(AdapterEventKind.ConnectionFailed, $"The connection was closed: {failure.Message}", failure);
            connection.Abort();
        }
    }

    private static async Task WaitAsync(TimeSpan time, CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(time, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The caller checks the token.
        }
    }
}
