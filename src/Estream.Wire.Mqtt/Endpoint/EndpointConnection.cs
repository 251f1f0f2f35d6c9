using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Estream.Wire.Internal;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>
/// One client connection of the endpoint. A single loop reads, stores, acknowledges and reads again. While a message cannot be stored or an
/// acknowledgement cannot be sent, the loop reads nothing; that is the only back-pressure. If the client has subscriptions, a second task
/// sends their messages.
/// </summary>
/// <remarks>
/// Memory: see MqttEndpointOptions.MaxPacketBytes; between packets next to nothing.
/// Other threads may only request the end: <see cref="RequestClose"/> and <see cref="Abort"/>.
/// </remarks>
internal sealed partial class EndpointConnection : IDisposable
{
    public const int ReadBytes = 64 * 1024;

    private const int LingerMs = 500;
    private const int NoReason = -1;

    private readonly EndpointCore _core;
    private readonly Socket _socket;
    private readonly string _peer;
    private readonly IngressWriter _ingress;
    private readonly PacketPump _pump;
    private readonly ConnectionWriter _writer;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stream _transport;
    private Stream _stream;
    private PipeReader? _reader;
    private EndpointSession? _session;
    private ConnectInfo? _client;
    private volatile ClientFacts? _facts;
    private ClientAccess? _access;
    private Task? _delivering;
    private uint _sessionExpirySeconds;
    private bool _sendWill;
    private int _closeReason = NoReason;

    // Read by the sweeper.
    private long _deadline;
    private long _keepAliveNanos;
    private long _readingSince;
    private bool _isUnfinished;

    private bool _isBlocked;

    // The credentials with which the client was accepted. From then on only the sweeper replaces them.
    private EndpointCredentials _credentials;
    private volatile bool _isRevoked;

    public EndpointConnection(EndpointCore core, Socket socket)
    {
        _core = core;
        _credentials = core.Credentials;
        _socket = socket;
        _transport = LoopStream.Over(socket);
        _stream = _transport;
        _writer = new ConnectionWriter(_stream, core.Clock);
        _peer = socket.RemoteEndPoint?.ToString() ?? "an unknown peer";
        Address = (socket.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        _ingress = core.CreateWriter();
        MqttEndpointOptions options = core.Options;
        PumpLimits limits = new(
            options.MaxPacketBytes, options.MaxTopicBytes, options.ReceiveMaximum, options.TopicAliasMaximum, IsFromServer: false);
        _pump = new PacketPump(limits, _ingress, core.Counters, OnControl);
        _deadline = core.Clock.MonotonicNanos + (core.Options.ConnectTimeoutSeconds * EndpointCore.NanosPerSecond);
    }

    /// <summary>The remote address of the client.</summary>
    public IPAddress Address { get; }

    /// <summary>The client, for tables; null until it is accepted. Thread-safe.</summary>
    public ClientFacts? Facts => _facts;

    /// <summary>Completes when the connection is closed and its session is detached.</summary>
    public Task Ended => _ended.Task;

    private uint MaximumPacketSize => _client?.MaximumPacketSize ?? uint.MaxValue;

    private string Who => _client is null ? _peer : $"'{_client.ClientId}' at {_peer}";

    /// <summary>Runs the connection to its end. Never throws.</summary>
    public async Task RunAsync()
    {
        try
        {
            await SecureAsync().ConfigureAwait(false);
            _reader = PipeReader.Create(
                _stream, new StreamPipeReaderOptions(bufferSize: ReadBytes, minimumReadSize: 4 * 1024, useZeroByteReads: true));
            if (await ConnectAsync(_reader).ConfigureAwait(false))
            {
                await ServeAsync(_reader).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException or AuthenticationException)
        {
            _core.Events.Report(AdapterEventKind.ConnectionFailed, $"The connection of {Who} was lost: {failure.Message}", failure);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // Closed before the CONNACK, so no DISCONNECT may be sent [MQTT-3.14.0-1].
        }
        catch (Exception failure)
        {
            // A bug in the endpoint must not end the other connections.
            _core.Counters.Reject(MqttReasonCode.UnspecifiedError, "a connection failed unexpectedly", Who);
            _core.Events.Report(AdapterEventKind.ConnectionFailed, $"The connection of {Who} was closed: {failure.Message}", failure);
            if (_session is not null)
            {
                await SayGoodbyeAsync(MqttReasonCode.UnspecifiedError, null).ConfigureAwait(false);
            }
        }
        finally
        {
            await EndDeliveryAsync().ConfigureAwait(false);
            Dispose();
        }
    }

    /// <summary>Requests a close with a DISCONNECT. Thread-safe. Only the first reason is used.</summary>
    /// <returns>True if this is the first request.</returns>
    public bool RequestClose(MqttReasonCode reason)
    {
        if (Interlocked.CompareExchange(ref _closeReason, (int)reason, NoReason) != NoReason)
        {
            return false;
        }

        _closing.Cancel();
        _reader?.CancelPendingRead();
        return true;
    }

    /// <summary>Ends the connection without a DISCONNECT. Thread-safe.</summary>
    public void Abort()
    {
        _closing.Cancel();
        _transport.Dispose();
    }

    /// <summary>Frees all resources and detaches the session. <see cref="RunAsync"/> calls it at its end.</summary>
    public void Dispose()
    {
        try
        {
            _pump.Dispose();
            _reader?.Complete();
            _stream.Dispose();
            _transport.Dispose();
            _writer.Dispose();
        }
        finally
        {
            // Always detach the session, even if disposal throws: a leaked session would lock the client out.
            try
            {
                GiveSessionBack();
            }
            catch (Exception failure)
            {
                _core.Events.Report(AdapterEventKind.Degraded, $"The session of {Who} could not be detached: {failure.Message}", failure);
            }

            _core.Remove(this);
            _ended.TrySetResult();
        }
    }

    /// <summary>Closes the connection if new credentials no longer allow the client or change its rights. Called by the sweeper.</summary>
    /// <returns>True if the credentials differ from the credentials of the last review.</returns>
    public bool Review(EndpointCredentials credentials)
    {
        // A client that is not accepted yet is reviewed after its acceptance.
        if (ReferenceEquals(credentials, _credentials) || Volatile.Read(ref _session) is not { } session)
        {
            return false;
        }

        string? why = credentials.WhyNot(_credentials, session.User, _scramUser is not null, (_stream as SslStream)?.RemoteCertificate);
        bool isOther = _access is { } access && credentials.Access?.Of(session.User, session.ClientId).IsSame(access) != true;
        _credentials = credentials;
        if (why is not null)
        {
            Revoke(why);
        }
        else if (isOther && RequestClose(MqttReasonCode.AdministrativeAction))
        {
            // The client reconnects with its new rights; its session is kept.
            _core.Events.Report(AdapterEventKind.CredentialsReloaded, $"{Who} is disconnected: its rights were changed.");
        }

        return true;
    }

    /// <summary>Closes the connection of a client that is no longer allowed. Its will is not published.</summary>
    public void Revoke(string why)
    {
        _isRevoked = true;
        if (RequestClose(MqttReasonCode.NotAuthorized))
        {
            _core.Events.Report(AdapterEventKind.CredentialsReloaded, $"{Who} is disconnected: {why}.");
        }
    }

    /// <summary>Checks the timeouts. Called by the sweeper several times per second.</summary>
    public void Check(long now)
    {
        long deadline = Volatile.Read(ref _deadline);
        if (deadline != 0 && now > deadline)
        {
            _core.Counters.Reject(MqttReasonCode.UnspecifiedError, "a client did not connect within ConnectTimeoutSeconds", _peer);
            Abort();
            return;
        }

        long writingSince = _writer.WritingSince;
        if (writingSince != 0 && now - writingSince > _core.Options.WriteTimeoutSeconds * EndpointCore.NanosPerSecond)
        {
            _core.Counters.Reject(MqttReasonCode.UnspecifiedError, "a client did not receive within WriteTimeoutSeconds", Who);
            Abort();
            return;
        }

        // While the endpoint does not read from the client, its silence does not count.
        // A client without keep-alive may be silent forever, but not inside a packet.
        long keepAlive = Volatile.Read(ref _keepAliveNanos);
        keepAlive = keepAlive == 0 && Volatile.Read(ref _isUnfinished) ? PatienceNanos(_core.Options.MaxKeepAliveSeconds) : keepAlive;
        long readingSince = Volatile.Read(ref _readingSince);
        if (keepAlive != 0 && readingSince != 0 && now - readingSince > keepAlive && RequestClose(MqttReasonCode.KeepAliveTimeout))
        {
            _core.Counters.Reject(MqttReasonCode.KeepAliveTimeout, "a client was silent for one and a half keep-alive times", Who);
            _core.Events.Report(AdapterEventKind.ConnectionFailed,
                $"{Who} is disconnected: it has sent no complete packet for one and a half keep-alive times.");
        }
    }

    private static long PatienceNanos(int keepAliveSeconds) => keepAliveSeconds * EndpointCore.NanosPerSecond * 3 / 2;

    private void GiveSessionBack()
    {
        if (_session is not null)
        {
            _ = TryCharge(0);
            bool isShutdown = Volatile.Read(ref _closeReason) == (int)MqttReasonCode.ServerShuttingDown;
            bool sendWill = _sendWill && !_isRevoked;
            WillMessage? will = sendWill && !isShutdown ? _client!.Will : null;
            _session.StoredWill = sendWill ? _session.StoredWill : null;
            _session.IsLeftToNextStart = isShutdown && _session.Records is not null;
            _session.Subscriber?.Detach();
            _session.RelayedId = _pump.RelayedId;
            _core.Sessions.Detach(_session, _sessionExpirySeconds, will, _core.Clock.MonotonicNanos);
        }
    }

    private async Task SecureAsync()
    {
        if (_credentials.TlsOptions is { } options)
        {
            SslStream secure = new(_stream);
            _stream = secure;
            _writer.Stream = secure;
            await secure.AuthenticateAsServerAsync(options, _closing.Token).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Sends a DISCONNECT with the reason, unless the client uses MQTT 3.1.1, in which servers send none. Then waits briefly for the peer
    /// to close, because a TCP reset would destroy bytes that the peer has not read yet.
    /// </summary>
    private async Task SayGoodbyeAsync(MqttReasonCode reason, string? why)
    {
        if (_client is { Is311: true })
        {
            await CloseWithAsync(default).ConfigureAwait(false);
            return;
        }

        byte[] packet = new byte[512];
        int length = ControlPackets.WriteDisconnect(packet, reason, why);
        if (length > MaximumPacketSize)
        {
            // [MQTT-3.14.2-3]
            length = ControlPackets.WriteDisconnect(packet, reason, null);
        }

        await CloseWithAsync(packet.AsMemory(0, length)).ConfigureAwait(false);
    }

    /// <summary>Sends the last packet, if it does not exceed the peer's Maximum Packet Size, and waits for the peer to close.</summary>
    private async Task CloseWithAsync(ReadOnlyMemory<byte> packet)
    {
        if (packet.Length > MaximumPacketSize)
        {
            return;
        }

        using CancellationTokenSource limit = new(LingerMs);
        byte[] waste = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            await _writer.WriteLastAsync(packet, limit.Token).ConfigureAwait(false);
            if (_stream is SslStream secure)
            {
                // Without close_notify, the peer could not tell this end of the stream from a truncation by an attacker.
                await secure.ShutdownAsync().WaitAsync(limit.Token).ConfigureAwait(false);
            }

            _socket.Shutdown(SocketShutdown.Send);
            while (await _socket.ReceiveAsync(waste, limit.Token).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The peer has already closed, or did not close in time.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(waste);
        }
    }
}
