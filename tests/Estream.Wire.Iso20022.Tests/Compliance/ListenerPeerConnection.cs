using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using Estream.Wire.Compliance;
using Estream.Wire.Compliance.Peers;

namespace Estream.Wire.Iso20022.Tests.Compliance;

/// <summary>A sender of frames. Answers come in the order of the messages.</summary>
internal sealed class ListenerPeerConnection(Socket socket) : TcpPeerConnection(socket)
{
    private readonly ConcurrentQueue<int> _unanswered = [];

    public override ReadOnlyMemory<byte> Encode(int number, ComplianceMessage message)
    {
        byte[] frame = new byte[4 + message.Payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, message.Payload.Length);
        message.Payload.CopyTo(frame.AsMemory(4));
        _unanswered.Enqueue(number);
        return frame;
    }

    protected override async Task ReadAsync(NetworkStream stream)
    {
        byte[] prefix = new byte[4];
        while (true)
        {
            await stream.ReadExactlyAsync(prefix).ConfigureAwait(false);
            byte[] answer = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix)];
            await stream.ReadExactlyAsync(answer).ConfigureAwait(false);
            if (_unanswered.TryDequeue(out int number) && answer.AsSpan().SequenceEqual("ACK"u8))
            {
                Acknowledge(number);
            }
        }
    }
}
