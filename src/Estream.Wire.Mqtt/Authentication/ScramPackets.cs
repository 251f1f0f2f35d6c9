using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal.Authentication;

/// <summary>The AUTH packets of a SCRAM exchange, for authentication and re-authentication.</summary>
internal static class ScramPackets
{
    private const int Overhead = 64;

    /// <summary>Answers the server's challenge [MQTT-4.12.0-3].</summary>
    public static Fault Answer(ReadOnlySpan<byte> body, ScramClient exchange, out byte[]? reply)
    {
        reply = null;
        Fault fault = AuthPacket.Decode(body, out AuthPacket packet);
        if (fault.IsFault)
        {
            return fault;
        }

        if (!packet.Method.SequenceEqual(Scram.Method) || packet.Reason != MqttReasonCode.ContinueAuthentication)
        {
            return Fault.Protocol("an AUTH of the server is out of sequence or has another method [MQTT-4.12.0-5]");
        }

        if (exchange.Answer(packet.Data) is not { } proof)
        {
            return Fault.Of(MqttReasonCode.NotAuthorized,
                "the server's challenge is not valid SCRAM-SHA-256, or its iteration count is out of range (RFC 7677)");
        }

        reply = Write(MqttReasonCode.ContinueAuthentication, proof);
        return default;
    }

    /// <summary>Whether the server's final message proves that the server knows the user's credentials.</summary>
    public static bool IsProven(ScramClient exchange, ReadOnlySpan<byte> method, ReadOnlySpan<byte> data)
    {
        return method.SequenceEqual(Scram.Method) && exchange.IsRight(data);
    }

    public static byte[] Write(MqttReasonCode reason, byte[] data)
    {
        byte[] packet = new byte[Overhead + data.Length];
        return packet[..ControlPackets.WriteAuth(packet, reason, Scram.Method, data)];
    }
}
