using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Esf;
using Estream.Wire;
using MQTTnet.Exceptions;

namespace MqttNetAdapter;

/// <summary>
/// Connects queues to an MQTT 5 broker with the client of MQTTnet. The adapter acknowledges a message after it stores the message. While
/// a queue cannot be written, the adapter acknowledges nothing and reads no messages beyond the receive window.
/// </summary>
/// <remarks>
/// While a queue cannot be written, the adapter still reads ping responses from a broker that respects the receive window. QoS 0 has no
/// window: a flood of QoS 0 messages blocks the ping response, the connection ends, and the adapter connects again.
/// </remarks>
public sealed class MqttNetClientAdapter : IWireAdapter
{
    private readonly MqttNetOptions _options;
    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly IngressRoutes _routes;
    private readonly IngressWriter _translator;
    private readonly Lock _translating = new();
    private readonly CancellationTokenSource _disposing = new();
    private volatile MqttNetConnection? _connection;
    private volatile string _trouble = "The adapter is not started.";
    private volatile Task _ingest = Task.CompletedTask;
    private long _received;
    private long _rejected;
    private long _bytes;
    private long _emitted;
    private long _refused;
    private long _reconnects;
    private bool _wasConnected;

    internal MqttNetClientAdapter(MqttNetOptions options, AdapterContext context)
    {
        _options = options;
        _context = context;
        _events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        _routes = new IngressRoutes(options.Mappings, context.Ingress);
        _translator = new IngressWriter(_routes, context, _events);
        Schemas = new AdapterSchemas(
            [.. options.Mappings.Select(mapping => mapping.Schema).Distinct()],
            [.. options.Egress.Select(egress => egress.Topic.Schema).Distinct()]);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => MqttNetClientFactory.ClientDescriptor;

    /// <inheritdoc/>
    public string Name => _context.Name;

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <inheritdoc/>
    public HealthStatus Health =>
        _connection is null ? HealthStatus.Unhealthy(_trouble)
        : _routes.Failure is { } failure ? HealthStatus.Unhealthy($"A queue cannot be written, so no messages are read: {failure.Message}")
        : HealthStatus.Healthy($"Connected to {Broker}.");

    /// <inheritdoc/>
    public AdapterStatistics Statistics =>
        new(_connection is null ? 0 : 1, Volatile.Read(ref _received), Volatile.Read(ref _rejected), Volatile.Read(ref _bytes))
        {
            EmittedTotal = Volatile.Read(ref _emitted),
            EmitRefusedTotal = Volatile.Read(ref _refused),
            ReconnectsTotal = Volatile.Read(ref _reconnects),
        };

    private string Broker => $"{_options.Host}:{_options.Port}";

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        _trouble = $"Not connected to {Broker} yet.";
        _events.Report(AdapterEventKind.Started, $"Connecting to {Broker} as '{_options.ClientId}'.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Ingest(CancellationToken cancellation)
    {
        return _ingest = RunAsync(cancellation);
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
        ArgumentNullException.ThrowIfNull(destination);
        destination.Clear();
        EsfSchema schema = message.Schema;
        if (_options.Egress.FirstOrDefault(candidate => candidate.Topic.Schema.Id == schema.Id) is not { } egress)
        {
            return TranslateStatus.NotMapped("no egress covers this schema");
        }

        destination.Quality = egress.Qos;
        TranslateStatus status = egress.Topic.Format(message.Bytes, destination.Topic);
        return status.IsOk ? TranslateStatus.Of(EsfJson.WriteJson(schema, message.Bytes, destination.Payload)) : status;
    }

    /// <inheritdoc/>
    public async ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        EmitStatus status = await PublishAsync(message, cancellation).ConfigureAwait(false);
        Interlocked.Increment(ref status.IsOk ? ref _emitted : ref _refused);
        return status;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _disposing.CancelAsync().ConfigureAwait(false);
        await _ingest.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _translator.Dispose();
    }

    private async Task<EmitStatus> PublishAsync(EgressMessage message, CancellationToken cancellation)
    {
        if (message.Quality is not (0 or 1))
        {
            return new EmitStatus(EmitCode.Refused, $"QoS {message.Quality} is not sent; set Quality to 0 or 1");
        }

        if (_connection is not { } connection)
        {
            return new EmitStatus(EmitCode.NotConnected, _trouble);
        }

        try
        {
            return await connection.PublishAsync(message, cancellation).ConfigureAwait(false);
        }
        catch (MqttProtocolViolationException failure)
        {
            return new EmitStatus(EmitCode.Refused, failure.Message);
        }
        catch (Exception failure) when (IsOfConnection(failure) && !cancellation.IsCancellationRequested)
        {
            return new EmitStatus(EmitCode.NotConnected, $"{Broker} did not answer: {failure.Message}");
        }
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _disposing.Token);
        Backoff backoff = new(_options.ReconnectInitial, _options.ReconnectMax, Random.Shared);
        while (!ending.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(backoff, ending.Token).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is EstreamException || IsOfConnection(failure))
            {
                if (!ending.IsCancellationRequested)
                {
                    TimeSpan wait = backoff.Next();
                    string cause = failure.GetBaseException().Message.TrimEnd('.');
                    _trouble = $"No connection to {Broker}: {cause}. Trying again in {wait.TotalMilliseconds:0} ms.";
                    _events.Report(AdapterEventKind.ConnectionFailed, _trouble, failure);
                    await Task.Delay(wait, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }

        _trouble = "The adapter has stopped.";
        _events.Report(AdapterEventKind.Stopped, _trouble);
    }

    /// <summary>Runs one connection until the adapter ends. Throws when the connection is lost.</summary>
    private async Task RunOnceAsync(Backoff backoff, CancellationToken cancellation)
    {
        MqttNetConnection connection = new(_options, new IngressWriter(_routes, _context, _events), _events, Count);
        await using ConfiguredAsyncDisposable closing = connection.ConfigureAwait(false);
        await connection.OpenAsync(cancellation).ConfigureAwait(false);
        long openedAt = _context.Clock.MonotonicNanos;
        _connection = connection;
        if (_wasConnected)
        {
            Interlocked.Increment(ref _reconnects);
        }

        _wasConnected = true;
        _events.Report(AdapterEventKind.Connected, $"Connected to {Broker}.");
        try
        {
            string reason = await connection.WaitForEndAsync(cancellation).ConfigureAwait(false);
            throw new WireConnectionException($"the connection is lost: {reason}", isTransient: true);
        }
        finally
        {
            _connection = null;
            _trouble = $"The connection to {Broker} is closed.";

            // Do not reset after a short connection: two clients with one identifier would disconnect each other without a pause.
            if (_context.Clock.MonotonicNanos - openedAt > _options.ReconnectMax.TotalNanoseconds)
            {
                backoff.Reset();
            }
        }
    }

    private void Count(int bytes, IngressStatus status)
    {
        Interlocked.Increment(ref _received);
        Interlocked.Add(ref _bytes, bytes);
        Interlocked.Add(ref _rejected, status == IngressStatus.Stored ? 0 : 1);
    }

    private static bool IsOfConnection(Exception failure)
    {
        return failure is MqttCommunicationException or MqttProtocolViolationException
            or OperationCanceledException or InvalidOperationException;
    }
}
