using System.Net.Sockets;

namespace Estream.Scenarios.Harness;

/// <summary>Splits the bytes of a socket into packets by their lengths. The harness uses its own parser, so that no figure includes the
/// parser of a contender.</summary>
internal sealed class MqttPacketStream(Socket socket)
{
    public const int BufferBytes = 256 * 1024;

    private const int LengthDigits = 4;

    private readonly byte[] _received = new byte[BufferBytes];
    private int _start;
    private int _end;

    /// <summary>Waits for more bytes.</summary>
    /// <returns>False if the other side has closed the connection.</returns>
    public bool Fill()
    {
        _received.AsSpan(_start, _end - _start).CopyTo(_received);
        (_start, _end) = (0, _end - _start);
        int length = socket.Receive(_received.AsSpan(_end));
        _end += length;
        return length > 0;
    }

    /// <summary>Waits for the next packet.</summary>
    /// <returns>The packet; valid until the next call of <see cref="Fill"/> or <see cref="Next"/>.</returns>
    /// <exception cref="ScenarioException">The other side has closed the connection.</exception>
    public ReadOnlySpan<byte> Next()
    {
        ReadOnlySpan<byte> packet;
        while (!TryTake(out packet, out _))
        {
            if (!Fill())
            {
                throw new ScenarioException("The other side closed the MQTT connection.");
            }
        }

        return packet;
    }

    /// <summary>Takes the next whole packet, if there is one.</summary>
    /// <param name="packet">The packet; valid until the next call of <see cref="Fill"/>.</param>
    /// <param name="bodyAt">The offset of its body.</param>
    public bool TryTake(out ReadOnlySpan<byte> packet, out int bodyAt)
    {
        packet = default;
        bodyAt = 1;
        ReadOnlySpan<byte> bytes = _received.AsSpan(_start, _end - _start);
        int length = 0;
        bool isLast = false;
        for (int digit = 0; digit < LengthDigits && !isLast; digit++)
        {
            if (bodyAt >= bytes.Length)
            {
                return false;
            }

            length |= (bytes[bodyAt] & 0x7F) << (7 * digit);
            isLast = bytes[bodyAt] < 0x80;
            bodyAt++;
        }

        if (bytes.Length < bodyAt + length)
        {
            return false;
        }

        packet = bytes[..(bodyAt + length)];
        _start += packet.Length;
        return true;
    }
}
