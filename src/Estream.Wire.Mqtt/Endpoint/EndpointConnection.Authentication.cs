using System.Buffers;
using System.IO.Pipelines;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Authentication;

namespace Estream.Wire.Mqtt.Internal;

// Authenticates clients with SCRAM-SHA-256 (section 4.12), on connecting and on re-authentication.
internal sealed partial class EndpointConnection
{
    private const int AuthOverhead = 64;

    private static readonly Fault s_notProven =
        Fault.Of(MqttReasonCode.NotAuthorized, "the client did not authenticate [MQTT-4.12.0-4]");

    private string? _scramUser;
    private byte[]? _serverProof;
    private ScramServer? _again;

    /// <summary>Runs the SCRAM exchange with a client that requested it, before its CONNACK.</summary>
    /// <exception cref="IOException">The client disconnected during the exchange.</exception>
    private async Task<Fault> AuthenticateAsync(byte[] clientFirst)
    {
        ScramServer exchange = new(_credentials.Scram!, Scram.NewNonce());
        if (exchange.Begin(clientFirst) is not { } challenge)
        {
            return s_notProven;
        }

        byte[] packet = ScramPackets.Write(MqttReasonCode.ContinueAuthentication, challenge);
        if (packet.Length > MaximumPacketSize)
        {
            return Fault.Of(MqttReasonCode.PacketTooLarge, "the challenge exceeds the client's Maximum Packet Size");
        }

        await _writer.WriteAsync(packet).ConfigureAwait(false);

        // The client must answer now, so its connect timeout starts again.
        Volatile.Write(ref _deadline, _core.Clock.MonotonicNanos + (_core.Options.ConnectTimeoutSeconds * EndpointCore.NanosPerSecond));
        PipeReader reader = _reader!;
        byte[]? clientFinal = null;
        Fault fault = default;
        while (clientFinal is null && !fault.IsFault)
        {
            ReadResult result = await reader.ReadAsync(_closing.Token).ConfigureAwait(false);
            SequencePosition consumed = TakeProof(result.Buffer, out clientFinal, out fault);
            reader.AdvanceTo(consumed, clientFinal is null ? result.Buffer.End : consumed);
            if (clientFinal is null && !fault.IsFault && (result.IsCompleted || result.IsCanceled))
            {
                throw new IOException("the client closed the connection before it authenticated");
            }
        }

        Volatile.Write(ref _deadline, 0);
        _serverProof = fault.IsFault ? null : exchange.Finish(clientFinal);
        _scramUser = exchange.User;
        return fault.IsFault || _serverProof is not null ? fault : s_notProven;
    }

    /// <summary>Reads the proof in an AUTH: besides DISCONNECT the only packet that the client may send now.</summary>
    private SequencePosition TakeProof(in ReadOnlySequence<byte> buffer, out byte[]? proof, out Fault fault)
    {
        proof = null;
        FrameCursor cursor = new(buffer, _pump.Scratch, Scram.MaxDataBytes + AuthOverhead);
        if (cursor.TryNext(out byte first, out ReadOnlySpan<byte> body, out fault) == HeaderStatus.Incomplete)
        {
            return buffer.Start;
        }

        PacketType type = (PacketType)(first >> 4);
        if (!fault.IsFault && type == PacketType.Disconnect)
        {
            throw new IOException("the client sent a DISCONNECT before it authenticated");
        }

        if (!fault.IsFault)
        {
            fault = type == PacketType.Auth
                ? TakeStep(body, MqttReasonCode.ContinueAuthentication, out proof)
                : Fault.Protocol("the client sent a packet other than AUTH or DISCONNECT before the CONNACK [MQTT-3.1.2-30]");
        }

        return cursor.Consumed;
    }

    private static Fault TakeStep(ReadOnlySpan<byte> body, MqttReasonCode expected, out byte[]? data)
    {
        data = null;
        Fault fault = AuthPacket.Decode(body, out AuthPacket packet);
        if (fault.IsFault)
        {
            return fault;
        }

        if (!packet.Method.SequenceEqual(Scram.Method))
        {
            return Fault.Of(MqttReasonCode.BadAuthenticationMethod, "an AUTH names another method than the CONNECT [MQTT-4.12.0-5]");
        }

        if (packet.Reason != expected || packet.Data.Length > Scram.MaxDataBytes)
        {
            return Fault.Protocol("an AUTH is out of sequence or too long (section 4.12)");
        }

        data = packet.Data.ToArray();
        return default;
    }

    /// <summary>Re-authenticates the client. Messages continue to flow meanwhile.</summary>
    private Fault OnAuth(ReadOnlySpan<byte> body)
    {
        if (_scramUser is null)
        {
            Fault fault = AuthPacket.Decode(body, out _);
            return fault.IsFault ? fault : Fault.Protocol("an AUTH follows a CONNECT without an Authentication Method (section 4.12)");
        }

        Fault wrong =
            TakeStep(body, _again is null ? MqttReasonCode.ReAuthenticate : MqttReasonCode.ContinueAuthentication, out byte[]? data);
        if (wrong.IsFault)
        {
            return wrong;
        }

        return _again is { } exchange ? FinishAgain(exchange, data!) : BeginAgain(data!);
    }

    private Fault BeginAgain(byte[] clientFirst)
    {
        ScramServer exchange = new(_credentials.Scram!, Scram.NewNonce());
        byte[]? challenge = exchange.Begin(clientFirst);

        // The client's rights depend on its user, so re-authentication as another user is refused.
        if (challenge is null || exchange.User != _scramUser)
        {
            return s_notProven;
        }

        _again = exchange;
        return AnswerAuth(MqttReasonCode.ContinueAuthentication, challenge);
    }

    private Fault FinishAgain(ScramServer exchange, byte[] clientFinal)
    {
        _again = null;
        return exchange.Finish(clientFinal) is { } proof ? AnswerAuth(MqttReasonCode.Success, proof) : s_notProven;
    }

    private Fault AnswerAuth(MqttReasonCode reason, byte[] data)
    {
        byte[] packet = ScramPackets.Write(reason, data);
        if (packet.Length > MaximumPacketSize)
        {
            return Fault.Of(MqttReasonCode.PacketTooLarge, "the challenge exceeds the client's Maximum Packet Size");
        }

        _pump.Acks.Add(packet);
        return default;
    }
}
