using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Authentication;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Connects as a client: sends CONNECT and reads CONNACK.</summary>
internal static class Handshake
{
    private const int MaxAnswerBytes = 64 * 1024;

    /// <summary>Sends the CONNECT and waits for the CONNACK. Overwrites the request's password after sending it.</summary>
    /// <exception cref="WireConnectionException">The server refused or closed the connection, or its answer is not valid.</exception>
    public static async Task<ConnAckPacket> ConnectAsync(
        Stream stream, PipeReader reader, ConnectRequest request, string server, ScramClient? exchange, CancellationToken cancellation)
    {
        try
        {
            await SendAsync(stream, request, cancellation).ConfigureAwait(false);
            while (true)
            {
                ReadResult result = await reader.ReadAsync(cancellation).ConfigureAwait(false);
                SequencePosition consumed = Take(result.Buffer, server, exchange, out ConnAckPacket? grant, out byte[]? reply);
                reader.AdvanceTo(consumed, grant is null && reply is null ? result.Buffer.End : consumed);
                if (reply is not null)
                {
                    await stream.WriteAsync(reply, cancellation).ConfigureAwait(false);
                    continue;
                }

                if (grant is not null)
                {
                    return grant;
                }

                if (result.IsCompleted)
                {
                    throw new WireConnectionException($"{server} closed the connection instead of answering the CONNECT.",
                        isTransient: true);
                }
            }
        }
        catch (IOException failure)
        {
            throw new WireConnectionException($"{server} closed the connection during the CONNECT: {failure.Message}", isTransient: true,
                failure);
        }
    }

    /// <summary>Returns the exception for a DISCONNECT that the server sent.</summary>
    public static WireConnectionException Left(string server, in DisconnectPacket goodbye)
    {
        string text = goodbye.ReasonString.IsEmpty ? "" : $" ({Encoding.UTF8.GetString(goodbye.ReasonString)})";
        return new WireConnectionException(
            $"{server} closed the connection with 0x{(byte)goodbye.Reason:X2} {goodbye.Reason}{text}.", IsTransient(goodbye.Reason));
    }

    private static async Task SendAsync(Stream stream, ConnectRequest request, CancellationToken cancellation)
    {
        byte[] packet = ClientPackets.Connect(request);
        try
        {
            await stream.WriteAsync(packet, cancellation).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(packet);
            CryptographicOperations.ZeroMemory(request.Password);
        }
    }

    private static SequencePosition Take(
        in System.Buffers.ReadOnlySequence<byte> buffer, string server, ScramClient? exchange, out ConnAckPacket? grant, out byte[]? reply)
    {
        grant = null;
        reply = null;
        using FrameScratch scratch = new();
        FrameCursor cursor = new(buffer, scratch, MaxAnswerBytes);
        HeaderStatus status = cursor.TryNext(out byte first, out ReadOnlySpan<byte> body, out Fault fault);
        if (status == HeaderStatus.Incomplete)
        {
            return buffer.Start;
        }

        PacketType type = (PacketType)(first >> 4);
        ConnAckPacket? packet = null;
        if (!fault.IsFault)
        {
            fault = type == PacketType.ConnAck ? ConnAckPacket.Decode(body, out packet)
                : type == PacketType.Auth && exchange is not null ? ScramPackets.Answer(body, exchange, out reply)
                : Fault.Protocol("the first packet of a server is not a CONNACK [MQTT-3.2.0-1]");
        }

        if (fault.IsFault)
        {
            throw new WireConnectionException($"{server} does not speak MQTT 5: {fault}", isTransient: false);
        }

        if (packet is not null)
        {
            grant = Accepted(packet, server, exchange);
        }

        return cursor.Consumed;
    }

    private static ConnAckPacket Accepted(ConnAckPacket packet, string server, ScramClient? exchange)
    {
        if (packet.Reason >= MqttReasonCode.UnspecifiedError)
        {
            string text = packet.ReasonString is null ? "" : $" ({packet.ReasonString})";
            throw new WireConnectionException(
                $"{server} refused the connection with 0x{(byte)packet.Reason:X2} {packet.Reason}{text}.", IsTransient(packet.Reason));
        }

        if (exchange is not null && !ScramPackets.IsProven(exchange, packet.AuthenticationMethod, packet.AuthenticationData))
        {
            throw new WireConnectionException(
                $"{server} did not prove that it knows the password. It may be the wrong server: check its address and TLS settings.",
                isTransient: false);
        }

        return packet;
    }

    /// <summary>Whether the same CONNECT can succeed later, for example after ServerBusy, but not after a wrong password.</summary>
    private static bool IsTransient(MqttReasonCode reason)
    {
        return reason is not (MqttReasonCode.MalformedPacket or MqttReasonCode.ProtocolError or MqttReasonCode.UnsupportedProtocolVersion
            or MqttReasonCode.ClientIdentifierNotValid or MqttReasonCode.BadUserNameOrPassword or MqttReasonCode.NotAuthorized
            or MqttReasonCode.Banned or MqttReasonCode.BadAuthenticationMethod or MqttReasonCode.TopicNameInvalid
            or MqttReasonCode.PacketTooLarge or MqttReasonCode.RetainNotSupported or MqttReasonCode.QosNotSupported
            or MqttReasonCode.ServerMoved or MqttReasonCode.SessionTakenOver);
    }
}
