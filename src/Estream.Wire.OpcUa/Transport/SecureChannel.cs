using System.Net.Sockets;
using System.Security.Cryptography;
using Estream.Wire.Internal;
using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Services;

namespace Estream.Wire.OpcUa.Transport;

/// <summary>
/// A TCP connection with a secure channel (Part 6, 6.7 and 7.1). Sends requests and receives their responses in any order, and renews its
/// security token at 75 % of its lifetime. Ends with the connection; <see cref="ClosedAsync"/> completes then. Thread-safe.
/// </summary>
internal sealed partial class SecureChannel : IAsyncDisposable
{
    private const int MaxPending = 4_096;
    private const int TickMs = 100;
    private const uint LastSequence = uint.MaxValue - 1_024;

    private readonly Lock _gate = new();
    private readonly Stream _stream;
    private readonly EndpointUrl _url;
    private readonly ChannelSecurity _security;
    private readonly int _timeoutMs;
    private readonly int _lifetimeMs;
    private readonly Dictionary<uint, Exchange> _pending = [];
    private readonly List<Exchange> _expired = [];
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Timer _timer;
    private byte[] _received = new byte[2 * UaLimits.MaxChunkBytes];
    private int _receivedLength;
    private byte[] _out = new byte[UaLimits.MaxChunkBytes];
    private byte[] _sending = new byte[UaLimits.MaxChunkBytes];
    private int _outLength;
    private bool _isSending;
    private uint _sequence;
    private uint _requestId;
    private bool _hasPeerSequence;
    private uint _peerSequence;
    private int _maxSendChunk = 8_192;
    private long _maxSendMessage;
    private long _maxSendChunks;
    private MessageProtector? _current;
    private MessageProtector? _previous;
    private byte[] _nonce = [];
    private uint _renewalId;
    private long _renewAt = long.MaxValue;
    private int _isClosed;
    private int _isTicking;

    private SecureChannel(Stream stream, EndpointUrl url, ChannelSecurity security, int timeoutMs, int lifetimeMs)
    {
        (_stream, _url, _security, _timeoutMs, _lifetimeMs) = (stream, url, security, timeoutMs, lifetimeMs);
        _timer = new Timer(static state => ((SecureChannel)state!).Tick(), this, Timeout.Infinite, Timeout.Infinite);
    }

    public ChannelSecurity Security => _security;

    public bool IsOpen => Volatile.Read(ref _isClosed) == 0;

    /// <summary>Why the channel has ended.</summary>
    public string? Failure { get; private set; }

    /// <summary>The number of security tokens that the server has issued.</summary>
    public int Tokens { get; private set; }

    /// <summary>Completes when the channel has ended.</summary>
    public Task ClosedAsync => _closed.Task;

    /// <summary>Connects and opens a channel.</summary>
    /// <exception cref="WireConnectionException">The server cannot be reached, or refuses.</exception>
    public static async Task<SecureChannel> OpenAsync(
        EndpointUrl url, ChannelSecurity security, int timeoutMs, int lifetimeMs, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeoutMs);
        SecureChannel? channel = null;
        try
        {
            (Socket socket, _) = await WireDialer.ConnectAsync(url.Host, url.Port, null, limit.Token).ConfigureAwait(false);
            channel = new SecureChannel(LoopStream.Over(socket), url, security, timeoutMs, lifetimeMs);
            await channel.HandshakeAsync(limit.Token).ConfigureAwait(false);
            channel.Start();
            return channel;
        }
        catch (Exception failure) when (failure is SocketException or IOException or CryptographicException)
        {
            channel?.Fail("the handshake has failed");
            throw new WireConnectionException($"{url.Text} cannot be reached: {failure.Message}", isTransient: true, failure);
        }
        catch (OperationCanceledException failure) when (!cancellation.IsCancellationRequested)
        {
            channel?.Fail("the handshake has failed");
            throw new WireConnectionException($"{url.Text} does not answer within {timeoutMs} ms.", isTransient: true, failure);
        }
        catch
        {
            channel?.Fail("the handshake has failed");
            throw;
        }
    }

    /// <summary>Sends the request of an exchange. The exchange ends with its response, a time-out, or the end of the channel.</summary>
    public void Send(Exchange exchange, int timeoutMs)
    {
        bool mustSend = false;
        UaStatus refused = default;
        lock (_gate)
        {
            if (!IsOpen)
            {
                refused = UaStatus.BadConnectionClosed;
            }
            else if (_pending.Count >= MaxPending)
            {
                refused = UaStatus.BadTooManyOperations;
            }
            else if (!TryWrite(ChunkKind.Message, exchange.RequestId = ++_requestId, exchange.Request.Written))
            {
                refused = UaStatus.BadRequestTooLarge;
            }
            else
            {
                exchange.Deadline = UaTime.NowMs + timeoutMs;
                _pending.Add(exchange.RequestId, exchange);
                mustSend = !_isSending;
                _isSending = true;
            }
        }

        if (refused.IsBad)
        {
            exchange.End(refused);
        }
        else if (mustSend)
        {
            _ = FlushAsync();
        }
    }

    /// <summary>Ends an exchange that its caller no longer waits for. Its response is ignored.</summary>
    public void Cancel(Exchange exchange)
    {
        bool isMine;
        lock (_gate)
        {
            isMine = _pending.TryGetValue(exchange.RequestId, out Exchange? pending) && pending == exchange
                && _pending.Remove(exchange.RequestId);
        }

        if (isMine)
        {
            exchange.End(UaStatus.BadRequestCancelledByClient);
        }
    }

    /// <summary>Closes the channel at the server, and ends the connection.</summary>
    public async Task CloseAsync()
    {
        bool mustSend = false;
        lock (_gate)
        {
            if (IsOpen && _current is not null)
            {
                UaWriter body = new();
                body.TypeNumber(TypeNumbers.CloseSecureChannelRequest);
                RequestHeader.Write(body, default, 0, 0);
                mustSend = TryWrite(ChunkKind.Close, ++_requestId, body.Written) && !_isSending;
                _isSending |= mustSend;
            }
        }

        if (mustSend)
        {
            await FlushAsync().ConfigureAwait(false);
        }

        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the connection. Pending exchanges end with BadConnectionClosed.</summary>
    public ValueTask DisposeAsync()
    {
        Fail("closed by this client");
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends the connection with a reason.</summary>
    public void Abort(string reason) => Fail(reason);

    private void Start()
    {
        _timer.Change(TickMs, TickMs);
        if (_stream is LoopStream loop)
        {
            // Small responses are read on the socket loop, and their callers continue on the pool. With security, a new token costs
            // milliseconds, for which other connections must not wait.
            loop.RunsOnLoop = _security.IsNone;
        }

        _ = ReadLoopAsync();
    }

    /// <summary>Ends the channel with a reason. Only the first call has an effect.</summary>
    private void Fail(string reason)
    {
        Exchange[] pending;
        lock (_gate)
        {
            if (Interlocked.Exchange(ref _isClosed, 1) == 1)
            {
                return;
            }

            Failure = reason;
            pending = [.. _pending.Values];
            _pending.Clear();
        }

        _timer.Dispose();
        _stream.Dispose();
        foreach (Exchange exchange in pending)
        {
            exchange.End(UaStatus.BadConnectionClosed);
        }

        _closed.TrySetResult();
    }

    /// <summary>Ends exchanges whose time is over, and renews the token when it is due.</summary>
    private void Tick()
    {
        if (Interlocked.Exchange(ref _isTicking, 1) == 1)
        {
            return;
        }

        long now = UaTime.NowMs;
        bool mustSend = false;
        lock (_gate)
        {
            foreach (Exchange exchange in _pending.Values)
            {
                if (exchange.Deadline <= now)
                {
                    _expired.Add(exchange);
                }
            }

            foreach (Exchange exchange in _expired)
            {
                _pending.Remove(exchange.RequestId);
            }

            if (now >= _renewAt && IsOpen)
            {
                _renewAt = now + _timeoutMs;
                WriteOpen(isRenewal: true);
                mustSend = !_isSending;
                _isSending = true;
            }
        }

        foreach (Exchange exchange in _expired)
        {
            exchange.End(UaStatus.BadTimeout);
        }

        _expired.Clear();
        Volatile.Write(ref _isTicking, 0);
        if (mustSend)
        {
            _ = FlushAsync();
        }
    }
}
