using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Estream.Client.Protocol;

namespace Estream.Client.Connection;

/// <summary>One connection to a host. Ends with the first failure. Thread-safe.</summary>
internal sealed class ClientConnection : IAsyncDisposable
{
    private const int RoomBytes = 1 << 20;
    private const int SendersFrame = 4096;
    private const int MaxIdleRequests = 256;

    private readonly Stream _stream;
    private readonly PipeReader _reader;
    private readonly HostAddress _address;
    private readonly Dictionary<uint, IFrameHandler> _handlers = [];
    private readonly Lock _lock = new();
    private readonly FrameBuilder _frame = new();
    private readonly Stack<PendingRequest> _idle = new();
    private readonly CancellationTokenSource _ended = new();
    private Task _reading = Task.CompletedTask;
    private Task _keepingAlive = Task.CompletedTask;
    private Exception? _failure;
    private long _lastReceived = ConnectionClock.Millis;
    private uint _nextId;
    private byte[] _scratch = new byte[SendersFrame];

    private ClientConnection(Stream stream, HostAddress address)
    {
        _stream = stream;
        _address = address;
        _reader = ClientTransport.ReaderOf(stream);
        Output = new FrameOutput(ClientTransport.WriterOf(stream), RoomBytes);
    }

    public FrameOutput Output { get; }

    /// <summary>The maximum length of a frame that the host accepts and sends.</summary>
    public int MaxFrameBytes { get; private set; } = FrameParser.MaxHelloBytes;

    public bool IsOpen => Volatile.Read(ref _failure) is null;

    /// <exception cref="EstreamClientException">The host refused the connection.</exception>
    /// <exception cref="IOException">The host cannot be reached, or has closed the connection.</exception>
    public static async Task<ClientConnection> OpenAsync(
        HostAddress address, EstreamClientOptions options, CancellationToken cancellation)
    {
        Stream stream = await ClientTransport.OpenAsync(address, options, cancellation).ConfigureAwait(false);
        ClientConnection connection = new(stream, address);
        try
        {
            connection._reading = Task.Run(connection.ReadAsync, CancellationToken.None);
            await connection.GreetAsync(options, cancellation).ConfigureAwait(false);
            connection._keepingAlive = connection.KeepAliveAsync(options.KeepAlive);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Sends a request and waits for its response. Await the result once.</summary>
    /// <exception cref="EstreamClientException">The connection was lost; whether the host has done the request is unknown.</exception>
    public ValueTask<Response> SendAsync<TState>(
        ClientOp op, TState state, Action<FrameBuilder, TState> write, CancellationToken cancellation)
    {
        if (cancellation.CanBeCanceled)
        {
            return SendCancellableAsync(op, state, write, cancellation);
        }

        PendingRequest request = Rent();
        Send(op, state, write, request);
        return request.Task;
    }

    /// <summary>Takes a request back whose response was read.</summary>
    public void Return(PendingRequest request)
    {
        lock (_lock)
        {
            if (_idle.Count < MaxIdleRequests)
            {
                _idle.Push(request);
            }
        }
    }

    /// <summary>Sends a frame whose responses a handler receives. Returns the request id.</summary>
    public uint Send<TState>(ClientOp op, TState state, Action<FrameBuilder, TState> write, IFrameHandler? handler)
    {
        uint id;
        lock (_lock)
        {
            if (_failure is not null)
            {
                handler?.OnClosed(_failure);
                return 0;
            }

            write(_frame.Begin(), state);
            if (_frame.Length > MaxFrameBytes)
            {
                throw new ArgumentException(
                    $"The request takes {_frame.Length} bytes, but the host accepts {MaxFrameBytes}. Send less at once, or set "
                    + "Client:MaxFrameBytes of the host.", nameof(state));
            }

            id = ++_nextId == 0 ? ++_nextId : _nextId;
            if (handler is not null)
            {
                _handlers.Add(id, handler);
            }

            Output.Write(_frame.End(op, id));
        }

        return id;
    }

    /// <summary>Sends a frame without a response, with the id of an earlier request.</summary>
    public void SendFor<TState>(ClientOp op, uint id, TState state, Action<FrameBuilder, TState> write)
    {
        lock (_lock)
        {
            if (_failure is null)
            {
                write(_frame.Begin(), state);
                Output.Write(_frame.End(op, id));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Close(new EstreamClientException($"The connection to {_address} is closed.", ClientStatus.Unavailable));
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _keepingAlive.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stream.DisposeAsync().ConfigureAwait(false);
        _ended.Dispose();
    }

    private PendingRequest Rent()
    {
        PendingRequest? idle;
        lock (_lock)
        {
            _idle.TryPop(out idle);
        }

        if (idle is null)
        {
            return new PendingRequest(this);
        }

        idle.Reset();
        return idle;
    }

    // The cancellation may come after the response, so the request is not used again.
    private async ValueTask<Response> SendCancellableAsync<TState>(
        ClientOp op, TState state, Action<FrameBuilder, TState> write, CancellationToken cancellation)
    {
        PendingRequest request = new(connection: null);
        Send(op, state, write, request);
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(
            static (pending, token) => ((PendingRequest)pending!).OnClosed(new OperationCanceledException(token)), request);
        return await request.Task.ConfigureAwait(false);
    }

    private async Task GreetAsync(EstreamClientOptions options, CancellationToken cancellation)
    {
        Response hello = await SendAsync(
            ClientOp.Hello, options,
            static (frame, given) => frame.UInt32(ClientHello.Magic).UInt16(ClientHello.Version)
                .UInt16((int)given.KeepAlive.TotalSeconds).Text(given.Token ?? "").Text(given.Name),
            cancellation).ConfigureAwait(false);
        hello.ThrowUnless($"{_address} refused the connection");
        ReadWelcome(hello.Payload);
    }

    private void ReadWelcome(ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        ushort version = reader.UInt16();
        _ = reader.Byte();
        uint most = reader.UInt32();
        if (!reader.IsValid || version != ClientHello.Version || most is < FrameParser.MaxHelloBytes or > int.MaxValue)
        {
            throw new EstreamClientException($"{_address} sent an invalid greeting. Check the port.", ClientStatus.ProtocolError);
        }

        MaxFrameBytes = (int)most;
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                ReadResult read = await _reader.ReadAsync(_ended.Token).ConfigureAwait(false);
                Volatile.Write(ref _lastReceived, ConnectionClock.Millis);
                ReadOnlySequence<byte> buffer = read.Buffer;
                Dispatch(ref buffer);
                _reader.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                {
                    throw new IOException("The host closed the connection.");
                }
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Close(failure as EstreamClientException ?? new EstreamClientException(
                $"The connection to {_address} was lost: {failure.Message} The client connects again with the next request.",
                ClientStatus.Unavailable, failure));
        }
    }

    private void Dispatch(ref ReadOnlySequence<byte> buffer)
    {
        while (true)
        {
            FrameResult result = FrameParser.TryRead(ref buffer, MaxFrameBytes, out FrameHeader header,
                out ReadOnlySequence<byte> payload);
            if (result == FrameResult.Incomplete)
            {
                return;
            }

            if (result == FrameResult.Invalid)
            {
                throw new EstreamClientException($"{_address} sent bytes that are not a frame. Check the port.",
                    ClientStatus.ProtocolError);
            }

            ReadOnlySpan<byte> bytes = PayloadReader.Span(payload, ref _scratch);
            if (header is { Id: 0, Status: not ClientStatus.Ok })
            {
                throw new EstreamClientException($"{_address} closed the connection: {Encoding.UTF8.GetString(bytes)}", header.Status);
            }

            if (Find(header.Id) is { } handler && !handler.OnFrame(header, bytes))
            {
                Forget(header.Id);
            }
        }
    }

    private IFrameHandler? Find(uint id)
    {
        lock (_lock)
        {
            return _handlers.GetValueOrDefault(id);
        }
    }

    private void Forget(uint id)
    {
        lock (_lock)
        {
            _handlers.Remove(id);
        }
    }

    /// <summary>Sends a ping per interval, and closes the connection if the host sends nothing for three intervals.</summary>
    private async Task KeepAliveAsync(TimeSpan interval)
    {
        using PeriodicTimer timer = new(interval);
        while (await timer.WaitForNextTickAsync(_ended.Token).ConfigureAwait(false))
        {
            if (ConnectionClock.Millis - Volatile.Read(ref _lastReceived) > 3 * (long)interval.TotalMilliseconds)
            {
                Close(new EstreamClientException($"{_address} has not answered for {3 * interval.TotalSeconds:0} s.",
                    ClientStatus.Unavailable));
                return;
            }

            SendFor(ClientOp.Ping, 0, 0, static (_, _) => { });
        }
    }

    private void Close(Exception reason)
    {
        IFrameHandler[] handlers;
        lock (_lock)
        {
            if (_failure is not null)
            {
                return;
            }

            Volatile.Write(ref _failure, reason);
            handlers = [.. _handlers.Values];
            _handlers.Clear();
        }

        Output.Fail(reason);
        _ended.Cancel();
        _stream.Close();
        foreach (IFrameHandler handler in handlers)
        {
            handler.OnClosed(reason);
        }
    }
}
