using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Estream.Esf;

namespace Estream.Wire.Compliance.Tests.Line;

/// <summary>An adapter written by a third party with the package Estream.Wire; correct, or broken by one fault.</summary>
internal sealed class LineAdapter : IAdapterTables
{
    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(10);

    // Keeps references to objects that a broken adapter leaves open, so that they are not collected.
    private static readonly ConcurrentBag<object> s_kept = [];

    private readonly LineOptions _options;
    private readonly AdapterContext _context;
    private readonly LineFault _fault;
    private readonly LineCore _core;
    private readonly TopicTemplate _topic;
    private readonly IngressWriter _translator;
    private readonly Lock _translating = new();
    private readonly ConcurrentDictionary<LineConnection, Task> _connections = new();

    private readonly TaskCompletionSource _dead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Socket? _listener;
    private volatile LineConnection? _link;
    private volatile string _trouble = "The peer is not connected yet.";
    private volatile bool _isServing;
    private volatile bool _isDisposed;
    private long _asked;

    public LineAdapter(LineOptions options, TopicMapping mapping, AdapterContext context, AdapterDescriptor descriptor, LineFault fault)
    {
        _options = options;
        _context = context;
        _fault = fault;
        Descriptor = descriptor;
        IngressRoutes routes = new([mapping], context.Ingress);
        _core = new LineCore(options, context, routes, new AdapterEventLog(context.Name, context.Clock, context.Events), fault);
        _topic = TopicTemplate.Parse("lines/{sender}", mapping.Schema);
        _translator = _core.CreateWriter();
        Schemas = new AdapterSchemas(fault == LineFault.HasNoSchemas ? [] : [mapping.Schema], options.Dials ? [mapping.Schema] : []);
        Tables =
        [
            AdapterTable.Of(
                "connections", "Connections", [new AdapterColumn("number", "Number", AdapterColumnKind.Count)],
                () => _connections.Keys.Skip(fault == LineFault.HidesRows ? 1 : 0),
                static connection => $"{RuntimeHelpers.GetHashCode(connection):D10}",
                static connection => [RuntimeHelpers.GetHashCode(connection)], () => _connections.Count),
        ];
        if (fault == LineFault.BindsInCreate)
        {
            Listen();
        }
    }

    public AdapterDescriptor Descriptor { get; }

    public string Name => _fault == LineFault.HasAnotherName ? "lines" : _context.Name;

    public AdapterSchemas Schemas { get; }

    public IReadOnlyList<AdapterTable> Tables { get; }

    public AdapterStatistics Statistics
    {
        get
        {
            long more = _fault == LineFault.CountsBackwards ? Interlocked.Increment(ref _asked) % 2 : 0;
            return new AdapterStatistics(_core.Connections, _core.Received + more, _core.Rejected, _core.Bytes);
        }
    }

    public HealthStatus Health
    {
        get
        {
            if (_isDisposed && _fault == LineFault.HasNoHealthAfterDispose)
            {
                throw new InvalidOperationException("It is disposed.");
            }

            if (_fault == LineFault.IsAlwaysHealthy)
            {
                return HealthStatus.Healthy("All is well.");
            }

            if (!_isServing)
            {
                return HealthStatus.Unhealthy("The adapter is not running.");
            }

            if (_core.Routes.Failure is { } failure && _fault != LineFault.IsHealthyWhileBlocked)
            {
                return HealthStatus.Unhealthy($"A queue cannot be written, so nothing is read: {failure.Message}");
            }

            return _options.Dials && _link is null
                ? HealthStatus.Unhealthy(_trouble)
                : HealthStatus.Healthy($"{_core.Connections} connections.");
        }
    }

    public async Task StartAsync(CancellationToken cancellation)
    {
        _core.Secret = Encoding.UTF8.GetString(_options.Password.Read());

        if (_fault == LineFault.FailsWithoutPeer)
        {
            using Socket trial = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await trial.ConnectAsync(IPAddress.Loopback, _options.Port, cancellation);
        }

        if (!_options.Dials && _listener is null && _fault != LineFault.ListensInIngest)
        {
            Listen();
        }

        _core.Tell(AdapterEventKind.Started, $"On port {_options.Port}.{(_fault == LineFault.ShowsTheSecret ? _core.Secret : "")}");
    }

    public async Task Ingest(CancellationToken cancellation)
    {
        if (_fault == LineFault.ThrowsOnEarlyCancellation)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        if (_fault == LineFault.ListensInIngest)
        {
            Listen();
        }

        _isServing = true;
        try
        {
            await (_options.Dials ? DialAsync(cancellation) : AcceptAsync(cancellation));
        }
        catch (Exception end) when (cancellation.IsCancellationRequested && end is OperationCanceledException or ObjectDisposedException
            or SocketException)
        {
            if (_fault == LineFault.ThrowsWhenCancelled)
            {
                throw;
            }
        }
        finally
        {
            _isServing = false;
            await EndAsync();
            if (_fault != LineFault.NeverSaysStopped)
            {
                _core.Tell(AdapterEventKind.Stopped, "The adapter has stopped.");
            }
        }
    }

    public TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        if (_fault == LineFault.ThrowsOnEmpty && message.Payload.IsEmpty)
        {
            throw new FormatException("There is nothing.");
        }

        if (_fault == LineFault.TranslatesToNothing)
        {
            length = 32;
            destination[..length].Clear();
            return TranslateStatus.Ok;
        }

        lock (_translating)
        {
            int more = _fault == LineFault.Allocates ? message.Payload.ToArray().Length - message.Payload.Length : 0;
            TranslateStatus status = _translator.Translate(message, destination, out length);
            length += more;
            return _fault == LineFault.HidesShortRoom && status.IsDestinationTooSmall ? TranslateStatus.Unfit("it does not fit") : status;
        }
    }

    public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination)
    {
        if (!_options.Dials)
        {
            return TranslateStatus.Unsupported("a line-endpoint does not send");
        }

        destination.Clear();
        TranslateStatus status = _topic.Format(message.Bytes, destination.Topic);
        return !status.IsOk || _fault == LineFault.EmitsEmptyPayloads
            ? status
            : TranslateStatus.Of(EsfJson.WriteJson(message.Schema, message.Bytes, destination.Payload));
    }

    public async ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation)
    {
        if (_fault == LineFault.EmitsBeforeTheStart || (_fault == LineFault.EmitsNowhere && _link is not null))
        {
            return EmitStatus.Ok;
        }

        if (!_options.Dials)
        {
            return new EmitStatus(EmitCode.Unsupported, "a line-endpoint does not send");
        }

        if (_fault == LineFault.WaitsForAPeer)
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }

        if (_link is not { } link)
        {
            return new EmitStatus(EmitCode.NotConnected, _trouble);
        }

        try
        {
            await link.EmitAsync(message);
            return EmitStatus.Ok;
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            return new EmitStatus(EmitCode.NotConnected, failure.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed && _fault == LineFault.ThrowsOnSecondDispose)
        {
            throw new InvalidOperationException("It is disposed already.");
        }

        _isDisposed = true;
        await EndAsync();
        _translator.Dispose();
    }

    private void Listen()
    {
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, _options.Port));
            listener.Listen();
            _listener = listener;
        }
        catch (SocketException failure) when (_fault != LineFault.ThrowsSocketException)
        {
            listener.Dispose();
            throw new WireConnectionException($"Adapter {Name} cannot listen on port {_options.Port}: {failure.Message}", isTransient: true,
                failure);
        }
    }

    private async Task AcceptAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            Task<Socket> accepting = _listener!.AcceptAsync(cancellation).AsTask();
            if (await Task.WhenAny(accepting, _dead.Task) == _dead.Task)
            {
                await _dead.Task;
            }

            Task running = Add(new LineConnection(_core, await accepting), cancellation);
            if (_fault == LineFault.TakesOneAtATime)
            {
                await running;
            }
        }
    }

    private async Task DialAsync(CancellationToken cancellation)
    {
        Backoff backoff = new(s_firstWait, _options.LongestWait, Random.Shared);
        while (!cancellation.IsCancellationRequested)
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, _options.Port, cancellation);
                LineConnection link = new(_core, socket);
                await link.LoginAsync();
                _link = link;
                await Add(link, cancellation);
                _trouble = "The peer has closed the connection.";
            }
            catch (Exception failure) when (failure is SocketException or IOException)
            {
                _trouble = $"The peer cannot be reached: {failure.Message}";
            }
            finally
            {
                _link = null;
                socket.Dispose();
            }

            if (_fault == LineFault.GivesUp)
            {
                return;
            }

            _core.Tell(AdapterEventKind.ConnectionFailed, _trouble);
            await Task.Delay(_fault == LineFault.DoesNotWait ? TimeSpan.Zero : backoff.Next(), cancellation);
        }
    }

    private Task Add(LineConnection connection, CancellationToken cancellation)
    {
        Task running = RunAsync(connection, cancellation);
        _connections.TryAdd(connection, running);
        if (running.IsCompleted)
        {
            _connections.TryRemove(connection, out _);
        }

        return running;
    }

    private async Task RunAsync(LineConnection connection, CancellationToken cancellation)
    {
        _core.CountConnection(1);
        try
        {
            await connection.RunAsync(cancellation);
        }
        catch (FormatException failure)
        {
            _core.CountRejected();
            _core.Tell(AdapterEventKind.ProtocolViolation, $"A peer does not speak in lines: {failure.Message}");
            if (_fault == LineFault.DiesOfGarbage)
            {
                _dead.TrySetException(failure);
            }

            foreach (LineConnection other in _fault == LineFault.EndsTheOthers ? _connections.Keys : [])
            {
                // The peer of this connection continues when its connection closes, so the other connections are closed first.
                if (other != connection)
                {
                    other.Dispose();
                }
            }
        }
        catch (Exception end) when (end is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The peer has disconnected, or the adapter stops.
        }
        finally
        {
            if (_fault == LineFault.KeepsConnections && cancellation.IsCancellationRequested)
            {
                s_kept.Add(connection);
            }
            else
            {
                connection.Dispose();
            }

            _core.CountConnection(_fault == LineFault.ForgetsToCountOut ? 0 : -1);
            _connections.TryRemove(connection, out _);
        }
    }

    private async Task EndAsync()
    {
        if (_fault == LineFault.KeepsItsPort)
        {
            s_kept.Add(_listener ?? new object());
        }
        else
        {
            _listener?.Dispose();
        }

        foreach ((LineConnection connection, Task running) in _connections)
        {
            if (_fault is not (LineFault.KeepsConnections or LineFault.AcknowledgesWhenStopped))
            {
                connection.Dispose();
            }

            await running;
        }
    }
}
