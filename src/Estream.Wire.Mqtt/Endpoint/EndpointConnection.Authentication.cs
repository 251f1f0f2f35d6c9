using System.Buffers;
using System.IO.Pipelines;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Authentication;

namespace Estream.Wire.Mqtt.Internal;

// Where a client proves itself by SCRAM-SHA-256 (section 4.12), when it connects and again later.
internal sealed partial class EndpointConnection
{
    private const int AuthOverhead = 64;

    private static readonly Fault s_notProven =
        Fault.Of(MqttReasonCode.NotAuthorized, "the client has not proven who it is [MQTT-4.12.0-4]");

    private string? _scramUser;
    private byte[]? _serverProof;
    private ScramServer? _again;

    /// <summary>Asks a client that has named the method for its proof, before its CONNACK.</summary>
    /// <exception cref="IOException">The client has left meanwhile.</exception>
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
            return Fault.Of(MqttReasonCode.PacketTooLarge, "the client takes no packet as long as its challenge");
        }

        await _writer.WriteAsync(packet).ConfigureAwait(false);

        // Now it is the client's time again that passes.
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
                throw new IOException("the client has left before it has proven who it is");
            }
        }

        Volatile.Write(ref _deadline, 0);
        _serverProof = fault.IsFault ? null : exchange.Finish(clientFinal);
        _scramUser = exchange.User;
        return fault.IsFault || _serverProof is not null ? fault : s_notProven;
    }

    /// <summary>Takes the one packet a client may send now but DISCONNECT: its proof.</summary>
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
            throw new IOException("the client has said goodbye before it has proven who it is");
        }

        if (!fault.IsFault)
        {
            fault = type == PacketType.Auth
                ? TakeStep(body, MqttReasonCode.ContinueAuthentication, out proof)
                : Fault.Protocol("a packet other than AUTH and DISCONNECT comes before the CONNACK [MQTT-3.1.2-30]");
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
            return Fault.Protocol("an AUTH is not the one that comes next (section 4.12)");
        }

        data = packet.Data.ToArray();
        return default;
    }

    /// <summary>A client proves itself again; messages go on meanwhile.</summary>
    private Fault OnAuth(ReadOnlySpan<byte> body)
    {
        if (_scramUser is null)
        {
            Fault fault = AuthPacket.Decode(body, out _);
            return fault.IsFault ? fault : Fault.Protocol("an AUTH without an Authentication Method in the CONNECT (section 4.12)");
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

        // What the client may do goes by who it was: somebody else connects anew.
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
            return Fault.Of(MqttReasonCode.PacketTooLarge, "the client takes no packet as long as its challenge");
        }

        _pump.Acks.Add(packet);
        return default;
    }
}
