using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Estream.Wire;

namespace Doors;

/// <summary>
/// Receives datagrams <c>DEVICE JSON</c> and stores them with the topic <c>doors/DEVICE</c>. UDP has no
/// acknowledgements: datagrams that arrive while the adapter is stopped, or faster than they are stored, are lost.
/// </summary>
public sealed class DoorsAdapter : IWireAdapter
{
    // The interval between retries while the queue accepts no messages.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly IPEndPoint _listen;
    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly IngressRoutes _routes;
    private readonly IngressWriter _translator;
    private readonly Lock _translating = new();
    private UdpClient? _socket;
    private long _received;
    private long _rejected;
    private long _bytes;
    private volatile bool _isServing;

    internal DoorsAdapter(IPEndPoint listen, IReadOnlyList<TopicMapping> mappings, AdapterContext context)
    {
        (_listen, _context) = (listen, context);
        _events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        _routes = new IngressRoutes(mappings, context.Ingress);
        _translator = new IngressWriter(_routes, context, _events);
        Schemas = new AdapterSchemas([.. mappings.Select(mapping => mapping.Schema).Distinct()], []);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => DoorsFactory.DoorsDescriptor;

    /// <inheritdoc/>
    public string Name => _context.Name;

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics => new(0, Volatile.Read(ref _received), Volatile.Read(ref _rejected), Volatile.Read(ref _bytes));

    /// <inheritdoc/>
    public HealthStatus Health =>
        !_isServing ? HealthStatus.Unhealthy("The adapter is not listening.")
        : _routes.Failure is { } blocked
            ? HealthStatus.Unhealthy($"A queue cannot be written, so no datagrams are received: {blocked.Message}")
        : HealthStatus.Healthy($"{Volatile.Read(ref _received)} datagrams were received on {_listen}.");

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        try
        {
            _socket = new UdpClient(_listen);
        }
        catch (SocketException refused)
        {
            throw new WireConnectionException(
                $"Cannot listen on {_listen}: {refused.Message}. Stop the program that uses this port, or choose another Port.",
                refused.SocketErrorCode == SocketError.AddressAlreadyInUse, refused);
        }

        _events.Report(AdapterEventKind.Started, $"Listening on {_listen}.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Ingest(CancellationToken cancellation)
    {
        using IngressWriter writer = new(_routes, _context, _events);
        _isServing = true;
        try
        {
            while (true)
            {
                UdpReceiveResult datagram = await _socket!.ReceiveAsync(cancellation).ConfigureAwait(false);
                while (!TryStore(writer, datagram.Buffer))
                {
                    await Task.Delay(s_pause, cancellation).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The host stops the adapter.
        }
        finally
        {
            _isServing = false;
            _events.Report(AdapterEventKind.Stopped, $"The adapter no longer listens on {_listen}.");
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
    public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination) =>
        TranslateStatus.Unsupported("nothing is sent to doors");

    /// <inheritdoc/>
    public ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation) =>
        ValueTask.FromResult(new EmitStatus(EmitCode.Unsupported, "nothing is sent to doors"));

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        _translator.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <returns>True if the datagram is in its queue or a dead letter; false if it must be stored again later.</returns>
    private bool TryStore(IngressWriter writer, ReadOnlySpan<byte> datagram)
    {
        int blank = datagram.IndexOf((byte)' ');

        // A datagram without a device gets a topic without a mapping, so it becomes a dead letter unchanged.
        byte[] topic = blank > 0 ? [.. "doors/"u8, .. datagram[..blank]] : [.. "doors"u8];
        IngressStatus status;
        try
        {
            status = writer.Append(new WireMessage(topic, datagram[(blank + 1)..]));
        }
        finally
        {
            writer.Release();
        }

        if (status == IngressStatus.Blocked)
        {
            return false;
        }

        Volatile.Write(ref _received, _received + 1);
        Volatile.Write(ref _bytes, _bytes + datagram.Length);
        Volatile.Write(ref _rejected, _rejected + (status == IngressStatus.Stored ? 0 : 1));
        return true;
    }
}
