using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Authentication;

namespace Estream.Wire.Mqtt.Internal;

internal sealed partial class EndpointConnection
{
    // The memory limit for an unauthenticated client. A will and its properties fit.
    private const int MaxConnectBytes = 64 * 1024;

    private static readonly TimeSpan s_takeOverLimit = TimeSpan.FromSeconds(5);

    /// <summary>Reads the CONNECT and answers with a CONNACK.</summary>
    /// <returns>Whether the client was accepted.</returns>
    private async Task<bool> ConnectAsync(PipeReader reader)
    {
        ConnectInfo? client = await ReadConnectAsync(reader).ConfigureAwait(false);
        if (client is null)
        {
            return false;
        }

        // From here on the client waits for the endpoint, so the time does not count against the client's connect timeout.
        Volatile.Write(ref _deadline, 0);
        Fault fault = client.Fault;
        if (!fault.IsFault)
        {
            _client = client;
            fault = await AdmitAsync(client).ConfigureAwait(false);
        }

        if (fault.IsFault)
        {
            await RefuseAsync(client, fault).ConfigureAwait(false);
            return false;
        }

        return await TakeSessionAsync(client).ConfigureAwait(false);
    }

    private async Task<ConnectInfo?> ReadConnectAsync(PipeReader reader)
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync(_closing.Token).ConfigureAwait(false);
            SequencePosition consumed = TakeConnect(result.Buffer, out ConnectInfo? client, out bool isOther);
            reader.AdvanceTo(consumed, client is null ? result.Buffer.End : consumed);
            if (isOther)
            {
                // Not MQTT, or not a CONNECT: close without a DISCONNECT, which must not be sent before a CONNACK [MQTT-3.14.0-1].
                _core.Counters.Reject(MqttReasonCode.ProtocolError, "a connection did not begin with a CONNECT", _peer);
                _core.Events.Report(AdapterEventKind.ProtocolViolation, $"{_peer} did not begin with a CONNECT [MQTT-3.1.0-1].");
                return null;
            }

            if (client is not null || result.IsCompleted || result.IsCanceled)
            {
                return client;
            }
        }
    }

    private SequencePosition TakeConnect(in ReadOnlySequence<byte> buffer, out ConnectInfo? client, out bool isOther)
    {
        client = null;
        isOther = !buffer.IsEmpty && buffer.FirstSpan[0] >> 4 != (int)PacketType.Connect;
        if (isOther)
        {
            return buffer.Start;
        }

        FrameCursor cursor = new(buffer, _pump.Scratch, Math.Min(_core.Options.MaxPacketBytes, MaxConnectBytes));
        HeaderStatus status = cursor.TryNext(out _, out ReadOnlySpan<byte> body, out Fault fault);
        if (status == HeaderStatus.Incomplete)
        {
            return buffer.Start;
        }

        client = status == HeaderStatus.Refused
            ? ConnectInfo.Refused(fault)
            : ConnectInfo.Read(body, _core.Options.MaxClientIdBytes, _credentials.Scram is not null);
        _pump.Scratch.Trim();
        return cursor.Consumed;
    }

    /// <summary>Checks the user and password [MQTT-3.1.4-2] and the topic length of the will.</summary>
    private async Task<Fault> AdmitAsync(ConnectInfo client)
    {
        if (client.Will is { } will && will.Topic.Length > _core.Options.MaxTopicBytes)
        {
            return Fault.Of(MqttReasonCode.TopicNameInvalid, "the Will Topic is longer than MaxTopicBytes");
        }

        if (client.Authentication is { } clientFirst)
        {
            return await AuthenticateAsync(clientFirst).ConfigureAwait(false);
        }

        if (_credentials.Passwords is not { } passwords)
        {
            return _credentials.Scram is null
                ? default
                : Fault.Of(MqttReasonCode.NotAuthorized, "the authentication method SCRAM-SHA-256 is required");
        }

        if (client.UserName is null)
        {
            return Fault.Of(MqttReasonCode.NotAuthorized, "a user name and a password are required");
        }

        if (passwords.IsKnown(client.UserName, client.Password))
        {
            CryptographicOperations.ZeroMemory(client.Password);
            return default;
        }

        if (_core.PasswordGate.FailuresOf(Address) >= _core.Options.MaxFailedLoginsPerMinute)
        {
            CryptographicOperations.ZeroMemory(client.Password);
            return Fault.Of(MqttReasonCode.ConnectionRateExceeded, "too many wrong passwords came from this address; try again later");
        }

        // A key derivation takes tens of milliseconds. The gate limits the number of concurrent derivations, so that a storm of logins
        // leaves cores free. A login that waits longer than the connect timeout is refused. Otherwise a storm would occupy the gate until
        // all its passwords are tried.
        TimeSpan limit = TimeSpan.FromSeconds(_core.Options.ConnectTimeoutSeconds);
        if (!await _core.PasswordGate.EnterAsync(Address, limit, _closing.Token).ConfigureAwait(false))
        {
            CryptographicOperations.ZeroMemory(client.Password);
            return Fault.Of(MqttReasonCode.ServerBusy, "too many passwords are waiting to be checked; try again later");
        }

        try
        {
            if (passwords.Verify(client.UserName, client.Password))
            {
                return default;
            }

            _core.PasswordGate.CountFailure(Address);
            return Fault.Of(MqttReasonCode.BadUserNameOrPassword, "the user name or the password is wrong");
        }
        finally
        {
            _core.PasswordGate.Exit();
            CryptographicOperations.ZeroMemory(client.Password);
        }
    }

    private async Task<bool> TakeSessionAsync(ConnectInfo client)
    {
        bool isAssigned = client.ClientId.Length == 0;
        string clientId = isAssigned ? $"estream-{Guid.NewGuid():N}" : client.ClientId;
        Fault fault = Authorize(client, clientId);
        if (fault.IsFault)
        {
            await RefuseAsync(client, fault).ConfigureAwait(false);
            return false;
        }

        while (true)
        {
            AttachStatus status = _core.Sessions.Attach(
                clientId, UserOf(client), this, client.CleanStart, _core.Clock.MonotonicNanos, out EndpointSession? session,
                out bool isPresent, out EndpointConnection? occupant);
            switch (status)
            {
                case AttachStatus.Full:
                    await RefuseAsync(client, Fault.Of(MqttReasonCode.QuotaExceeded, "the endpoint has reached its limit of sessions"))
                        .ConfigureAwait(false);
                    return false;
                case AttachStatus.OthersSession:
                    await RefuseAsync(
                        client, Fault.Of(MqttReasonCode.ClientIdentifierNotValid, "another user has a session with this client identifier"))
                        .ConfigureAwait(false);
                    return false;
                case AttachStatus.Occupied:
                    await EvictAsync(occupant!).ConfigureAwait(false);
                    break;
                default:
                    Volatile.Write(ref _session, session);
                    return await WelcomeAsync(client, isPresent, isAssigned ? clientId : null).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Closes the older connection, since the newer one takes over [MQTT-3.1.4-3], and waits until it has released the
    /// session.</summary>
    private static async Task EvictAsync(EndpointConnection occupant)
    {
        occupant.RequestClose(MqttReasonCode.SessionTakenOver);
        try
        {
            await occupant.Ended.WaitAsync(s_takeOverLimit).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            occupant.Abort();
            await occupant.Ended.ConfigureAwait(false);
        }
    }

    /// <returns>False if the client was not accepted, for example because its CONNACK exceeds its Maximum Packet Size.</returns>
    private async Task<bool> WelcomeAsync(ConnectInfo client, bool isPresent, string? assignedId)
    {
        MqttEndpointOptions options = _core.Options;

        // MQTT 3.1.1 cannot impose a keep-alive: the client's value applies. If the value is 0, only TCP keep-alive detects a lost client.
        bool imposeKeepAlive = !client.Is311 && (client.KeepAliveSeconds == 0 || client.KeepAliveSeconds > options.MaxKeepAliveSeconds);
        int keepAlive = imposeKeepAlive ? options.MaxKeepAliveSeconds : client.KeepAliveSeconds;
        bool limitExpiry = client.SessionExpirySeconds > options.MaxSessionExpirySeconds;
        _sessionExpirySeconds = limitExpiry ? (uint)options.MaxSessionExpirySeconds : client.SessionExpirySeconds;
        _pump.Received = _session!.Received;
        _pump.RelayedId = _session.RelayedId;
        _pump.Is311 = client.Is311;
        _pump.Client = $"'{_session.ClientId}' at {_peer}";
        ConnAckGrant grant = new(
            isPresent,
            MqttReasonCode.Success,
            limitExpiry ? _sessionExpirySeconds : null,
            (ushort)options.ReceiveMaximum,
            options.MaxPacketBytes,
            (ushort)options.TopicAliasMaximum,
            imposeKeepAlive ? (ushort)keepAlive : null,
            assignedId,
            ServesSubscribers: _core.Serving is not null,
            KeepsRetained: _core.Serving?.Retained is not null,
            AuthenticationMethod: _serverProof is null ? null : Scram.Method.ToArray(),
            AuthenticationData: _serverProof);
        byte[] packet = new byte[256];
        int length = client.Is311 ? Mqtt311.WriteConnAck(packet, isPresent, returnCode: 0) : ControlPackets.WriteConnAck(packet, grant);
        if (length > client.MaximumPacketSize)
        {
            // [MQTT-3.1.2-24]
            _core.Counters.Reject(MqttReasonCode.PacketTooLarge, "a CONNACK exceeds the Maximum Packet Size of the client", Who);
            _core.Events.Report(
                AdapterEventKind.ConnectionFailed,
                $"{Who} was disconnected: its Maximum Packet Size is {client.MaximumPacketSize} bytes, but its CONNACK has {length}.");
            return false;
        }

        if (!TryKeepSession(client))
        {
            await RefuseAsync(client,
                Fault.Of(MqttReasonCode.ServerUnavailable, "the session cannot be saved now: the disk is full or has failed"))
                    .ConfigureAwait(false);
            return false;
        }

        _sendWill = client.Will is not null;
        BeginPublishing();
        PrepareDelivery();
        _facts = new ClientFacts(
            _peer, client.Is311, keepAlive, _core.Clock.UtcNanos, (_stream as SslStream)?.RemoteCertificate?.Subject);
        await _writer.WriteAsync(packet.AsMemory(0, length)).ConfigureAwait(false);
        BeginDelivery();

        // If the SUBACK of a subscription was lost with an earlier connection, its retained messages are sent now.
        _session.Subscriber?.BeginRetained();
        Volatile.Write(ref _keepAliveNanos, PatienceNanos(keepAlive));
        return true;
    }

    private async Task RefuseAsync(ConnectInfo client, Fault fault)
    {
        _core.Counters.Reject(fault.Code, fault.Why, Who);
        _core.Events.Report(AdapterEventKind.ConnectionFailed, $"{Who} was refused: {fault}.");
        byte[] packet = new byte[64];
        int length = client.ProtocolLevel is not (3 or Mqtt311.Level)
            ? ControlPackets.WriteConnAck(packet, new ConnAckGrant(false, fault.Code))
            : Mqtt311.ReturnCodeOf(fault.Code) is { } returnCode ? Mqtt311.WriteConnAck(packet, isSessionPresent: false, returnCode)
            : 0;
        await CloseWithAsync(packet.AsMemory(0, length)).ConfigureAwait(false);
    }
}
