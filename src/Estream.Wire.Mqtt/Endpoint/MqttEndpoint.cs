using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Estream.Core;
using Estream.Wire.Mqtt.Internal;
using Estream.Wire.Mqtt.Internal.Authentication;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt;

/// <summary>
/// An MQTT 5 and 3.1.1 server for devices. Each message that a device publishes is appended to a queue before it is acknowledged; no
/// separate broker is needed. With an access file, devices may also subscribe to messages of other devices and of the host; see
/// docs/guides/protocols/mqtt.md.
/// </summary>
public sealed class MqttEndpoint : IAdapterTables, IReloadableAdapter, IDeadLetterTarget
{
    private static readonly TimeSpan s_sweepInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_shutdownLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_acceptRetry = TimeSpan.FromMilliseconds(100);
    private const int Backlog = 1_024;

    private readonly EndpointCore _core;
    private readonly string _name;
    private readonly WillPublishing _wills;
    private readonly EndpointEgress _egress;
    private readonly RelayKeeper _relay;
    private readonly IngressWriter _translator;
    private readonly Lock _translating = new();
    private readonly CredentialReview _review;
    private Socket? _listener;
    private AdapterMetrics? _metrics;
    private volatile bool _isServing;

    /// <summary>Creates an endpoint. It binds no port yet.</summary>
    /// <param name="options">The addresses, limits and files of the endpoint.</param>
    /// <param name="mappings">The queues that topics map to; the first match wins.</param>
    /// <param name="context">The context that the host provides.</param>
    /// <exception cref="WireConfigurationException">The endpoint would accept anonymous clients from other machines, or an option is out of
    /// range.</exception>
    /// <exception cref="ArgumentException">A mapping names a queue that does not exist.</exception>
    public MqttEndpoint(MqttEndpointOptions options, IEnumerable<TopicMapping> mappings, AdapterContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        EndpointChecks.Check(options);
        _name = context.Name;
        _core = new EndpointCore(options, context, new IngressRoutes(mappings, context.Ingress));
        _wills = new WillPublishing(_core);
        _egress = new EndpointEgress(_core);
        _relay = new RelayKeeper(_core);
        _review = new CredentialReview(_core);
        _translator = _core.CreateWriter();
        Schemas = new AdapterSchemas(
            [.. _core.Routes.Mappings.Select(mapping => mapping.Schema).Distinct()],
            [.. options.Egress.Select(egress => egress.Topic.Schema).Distinct()]);
        Tables = EndpointTables.Of(_core);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => MqttEndpointFactory.EndpointDescriptor;

    IngressWriter IDeadLetterTarget.CreateDeadLetterWriter() => _core.CreateWriter();

    /// <inheritdoc/>
    public string Name => _name;

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <summary>The tables <c>clients</c> and <c>subscriptions</c>. A page visits all sessions; connections wait only while the list
    /// of sessions is copied, and only to connect or disconnect.</summary>
    public IReadOnlyList<AdapterTable> Tables { get; }

    /// <summary>The address and port it listens on; null before the start. If port 0 was set, this is the port that the system
    /// chose.</summary>
    public IPEndPoint? LocalEndPoint { get; private set; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics =>
        new(_core.Counters.Connections, _core.Counters.Received, _core.Counters.RejectedTotal, _core.Counters.Bytes)
        {
            EmittedTotal = _core.Counters.Emitted,
            EmitRefusedTotal = _core.Counters.EmitRefused,
        };

    /// <inheritdoc/>
    public HealthStatus Health
    {
        get
        {
            if (!_isServing)
            {
                return HealthStatus.Unhealthy("The endpoint is not listening.");
            }

            EstreamStorageException? failure = StorageFailure;
            if (failure is null && _core.CredentialFailure is { } refused)
            {
                return HealthStatus.Degraded($"Changed credentials cannot be loaded, so the earlier ones stay in force: {refused}");
            }

            return failure is null
                ? HealthStatus.Healthy($"Listening on {LocalEndPoint}, {_core.Counters.Connections} connections.")
                : HealthStatus.Unhealthy($"A queue cannot be written, so reading from devices is paused: {failure.Message}");
        }
    }

    /// <summary>Accepts the next connection. Tests replace it to simulate failures of the operating system.</summary>
    internal Func<Socket, CancellationToken, ValueTask<Socket>> Accept { get; set; } =
        static (listener, cancellation) => listener.AcceptAsync(cancellation);

    /// <summary>Limits the concurrent key derivations.</summary>
    internal PasswordGate PasswordGate => _core.PasswordGate;

    internal Tally<string> Unfinished => _core.Unfinished;

    // Why a queue cannot be written; null if all can.
    private EstreamStorageException? StorageFailure =>
        _core.Routes.Failure ?? _core.Serving?.Failure ?? _core.Sessions.Store?.Failure;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        MqttEndpointOptions options = _core.Options;
        _core.OpenCredentials();
        _core.OpenServing();
        _review.EndRemovedUsers();
        Socket listener = new(options.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(options.Address, options.Port));
            listener.Listen(Backlog);
        }
        catch (SocketException failure)
        {
            listener.Dispose();
            throw new WireConnectionException(
                $"Adapter '{_name}' cannot listen on {options.Address}:{options.Port}: {failure.Message}. Set another Port, or stop the "
                + "process that uses it.",
                isTransient: true,
                failure);
        }

        _listener = listener;
        LocalEndPoint = (IPEndPoint)listener.LocalEndPoint!;
        _core.Counters.Figures = _core.Figures;
        _metrics = MqttMetrics.Of(_core.Counters);
        _core.Events.Report(AdapterEventKind.Started, $"Listening on {LocalEndPoint}{(options.Tls is null ? "" : " with TLS")}.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Ingest(CancellationToken cancellation)
    {
        Socket listener = _listener ?? throw new InvalidOperationException("Call StartAsync before Ingest.");
        using CancellationTokenSource sweeping = new();
        Task sweeper = SweepAsync(sweeping.Token);
        _isServing = true;
        try
        {
            await AcceptAllAsync(listener, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The host stops the endpoint.
        }
        finally
        {
            _isServing = false;
            listener.Dispose();
            await CloseConnectionsAsync().ConfigureAwait(false);
            await sweeping.CancelAsync().ConfigureAwait(false);
            await sweeper.ConfigureAwait(false);
            _core.Events.Report(AdapterEventKind.Stopped, "The endpoint has stopped.");
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length)
    {
        lock (_translating)
        {
            return _translator.Translate(message, destination, out length);
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination)
    {
        return EgressTranslation.Translate(_core.Options.Egress, message, destination);
    }

    /// <inheritdoc/>
    public ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        EmitStatus status = _egress.Emit(message);
        _core.Counters.CountEmit(status);
        return ValueTask.FromResult(status);
    }

    /// <inheritdoc/>
    public void ReloadCredentials() => _review.Reload();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener?.Dispose();
        await CloseConnectionsAsync().ConfigureAwait(false);
        _metrics?.Dispose();
        _wills.Dispose();
        _egress.Dispose();
        _translator.Dispose();
        _core.CloseServing();
    }

    /// <summary>Reads the files that the options name, as <see cref="StartAsync"/> does.</summary>
    /// <exception cref="WireConfigurationException">A file is missing or not valid.</exception>
    internal static void CheckFiles(MqttEndpointOptions options)
    {
        _ = EndpointCredentials.Load(options, before: null);
        EndpointServing.CheckFiles(options);
    }

    /// <summary>
    /// Accepts connections until cancelled. If one cannot be accepted, because no file descriptor is left or its network has failed, the
    /// loop continues.
    /// </summary>
    private async Task AcceptAllAsync(Socket listener, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            Socket? socket = null;
            try
            {
                socket = await Accept(listener, cancellation).ConfigureAwait(false);
                Serve(socket);
            }
            catch (Exception failure) when (failure is IOException or SocketException { SocketErrorCode: not SocketError.OperationAborted })
            {
                socket?.Dispose();
                _core.Counters.Reject(MqttReasonCode.ServerBusy, "a connection could not be accepted", peer: null);
                _core.Events.Report(AdapterEventKind.ConnectionFailed, $"A connection could not be accepted: {failure.Message}", failure);

                // A lack of file descriptors lasts. Retrying without a pause would occupy a core.
                await Delays.WaitAsync(s_acceptRetry, cancellation).ConfigureAwait(false);
            }
        }
    }

    private void Serve(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        EndpointConnection connection = new(_core, socket);
        if (_core.TryAdd(connection))
        {
            // The task ends with the connection and never throws.
            _ = Task.Run(connection.RunAsync);
            return;
        }

        _core.Counters.Reject(
            MqttReasonCode.ServerBusy, "a limit of connections is reached (MaxConnections, MaxConnectionsPerAddress)",
            connection.Address.ToString());
        _core.Events.Report(AdapterEventKind.ConnectionFailed,
            $"A connection of {connection.Address} was closed: a limit is reached (MaxConnections, "
            + "MaxConnectionsPerAddress).");
        connection.Dispose();
    }

    private async Task SweepAsync(CancellationToken cancellation)
    {
        long sweepAt = SystemClock.Instance.MonotonicNanos;
        while (!cancellation.IsCancellationRequested)
        {
            TimeSpan left = TimeSpan.FromMicroseconds((sweepAt - SystemClock.Instance.MonotonicNanos) / 1_000);
            bool isWillDue = left > TimeSpan.Zero && await _core.Sessions.AwaitWillAsync(left, cancellation).ConfigureAwait(false);
            if (!isWillDue)
            {
                // All timeouts are in seconds. A queue that cannot be written is tried more often, and a due will is published at once.
                TimeSpan interval = StorageFailure is null ? s_sweepInterval : s_retryInterval;
                sweepAt = SystemClock.Instance.MonotonicNanos + (AlignedWakes.UntilNext(interval).Ticks * 100);
            }

            try
            {
                if (isWillDue)
                {
                    _wills.PublishDue();
                }
                else
                {
                    Sweep(_core.Clock.MonotonicNanos);
                }
            }
            catch (Exception failure)
            {
                // Without the sweeper no timeout would work any more, so report the failure and retry.
                _core.Events.Report(
                    AdapterEventKind.Degraded, $"Checking timeouts and wills failed and will be retried: {failure.Message}", failure);
            }
        }
    }

    private void Sweep(long now)
    {
        _review.Look(now);
        foreach (EndpointConnection connection in _core.Connections)
        {
            connection.Check(now);
        }

        _core.Sessions.Sweep(now);
        _core.Routes.Retry();
        _relay.Look(now);
        _wills.PublishDue();
        int givenUp = _core.Sessions.TakeWillsGivenUp();
        if (givenUp > 0)
        {
            _core.Events.Report(
                AdapterEventKind.Degraded,
                $"{givenUp} wills were discarded: the limit of {EndpointSessions.MaxWillBytes >> 20} MiB is reached for wills that are "
                + "delayed, or wait for a queue that cannot be written.");
        }
    }

    private async Task CloseConnectionsAsync()
    {
        EndpointConnection[] open = [.. _core.Connections];
        foreach (EndpointConnection connection in open)
        {
            connection.RequestClose(MqttReasonCode.ServerShuttingDown);
        }

        Task allEnded = Task.WhenAll(open.Select(connection => connection.Ended));
        await Task.WhenAny(allEnded, Task.Delay(s_shutdownLimit)).ConfigureAwait(false);
        foreach (EndpointConnection connection in _core.Connections)
        {
            connection.Abort();
        }

        await allEnded.ConfigureAwait(false);
    }
}
