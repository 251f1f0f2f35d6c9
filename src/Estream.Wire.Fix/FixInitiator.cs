using System.Net.Sockets;
using Estream.Core;
using Estream.Wire.Fix.Internal;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix;

/// <summary>Connects to an acceptor, logs on, and does both again whenever the connection is lost.</summary>
public sealed class FixInitiator : IAsyncDisposable
{
    private const long NanosPerSecond = 1_000_000_000;

    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_tickInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_shutdownLimit = TimeSpan.FromSeconds(5);

    private readonly FixInitiatorOptions _options;
    private readonly IClock _clock;
    private readonly AdapterEventLog _events;
    private readonly IFixStore _store;
    private readonly Lock _gate = new();
    private FixConnection? _connection;
    private volatile bool _isDisposed;

    /// <summary>Prepares an initiator; nothing is connected yet.</summary>
    /// <param name="options">Where to.</param>
    /// <param name="session">Who talks to whom.</param>
    /// <param name="application">Takes the messages.</param>
    /// <param name="clock">The time.</param>
    /// <param name="events">Told what an operator may want to know; called from any thread, must return soon and not throw.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="WireConfigurationException">The journal is that of a session of another version.</exception>
    /// <exception cref="EstreamException">The journal cannot be read, or somebody else writes to it.</exception>
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
            throw new ArgumentException("PeerCertificateName is an acceptor's; what an initiator wants in a certificate is Tls.ServerName.",
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

    /// <summary>Connects, and connects again, until cancelled; then logs out.</summary>
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

    /// <summary>Gives the journal back. Where it still runs its connection is ended before, without a Logout: what it says is kept or not
    /// said.</summary>
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
                // Whatever it was: what is not sent is in the journal, and a mistake of ours must not end the session for good.
                _events.Report(AdapterEventKind.ConnectionFailed, failure.Message, failure);
            }

            await WaitAsync(backoff.Next(), cancellation).ConfigureAwait(false);
        }
    }

    private async Task ConnectOnceAsync(Backoff backoff, CancellationToken cancellation)
    {
        (Socket socket, Stream stream) = await FixDialer.ConnectAsync(_options, cancellation).ConfigureAwait(false);

        // The connection closes it too, if there comes to be one.
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

        // An acceptor that takes connections and refuses every Logon is not asked five times a second.
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

    /// <summary>Looks after the time of a connection until it ends; asked to stop, the session logs out first.</summary>
    private async Task ServeAsync(FixConnection connection, CancellationToken cancellation)
    {
        Task running = Task.Run(() => connection.RunAsync(Session), CancellationToken.None);
        long givenUpAt = long.MaxValue;
        using PeriodicTimer timer = new(s_tickInterval);
        try
        {
            while (!connection.Ended.IsCompleted && await timer.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false))
            {
                bool isAsked = cancellation.IsCancellationRequested && givenUpAt == long.MaxValue;
                if (isAsked)
                {
                    givenUpAt = _clock.MonotonicNanos + (long)s_shutdownLimit.TotalNanoseconds;
                }

                Tick(connection, isAsked, isOver: _clock.MonotonicNanos >= givenUpAt);
            }
        }
        catch
        {
            // Nobody would look after its time any more.
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
            // A journal on a full disk: the connection cannot go on.
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
            // The caller looks at the token.
        }
    }
}
