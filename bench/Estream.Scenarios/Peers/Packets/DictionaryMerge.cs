using System.Buffers.Binary;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers.Packets;

/// <summary>The <c>by-hand</c> row of `arbitrate`: the next sequence number, and a dictionary of the messages that came early, as a C#
/// program has it that does without a library. It does not detect a message that both feeds lose.</summary>
internal sealed class DictionaryMerge : IFeedMerge
{
    private const int HeaderBytes = 20;
    private const int CountOffset = 18;
    private const int SequenceOffset = 10;

    private readonly Dictionary<long, byte[]> _early = [];
    private long _next = 1;

    public ulong Sum { get; private set; }

    public void Receive(int feed, ReadOnlySpan<byte> packet)
    {
        long sequence = BinaryPrimitives.ReadInt64BigEndian(packet[SequenceOffset..]);
        int count = BinaryPrimitives.ReadUInt16BigEndian(packet[CountOffset..]);
        ReadOnlySpan<byte> rest = packet[HeaderBytes..];
        for (int index = 0; index < count; index++, sequence++)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest);
            ReadOnlySpan<byte> message = rest.Slice(sizeof(ushort), length);
            rest = rest[(sizeof(ushort) + length)..];
            if (sequence == _next)
            {
                Deliver(message);
            }
            else if (sequence > _next && !_early.ContainsKey(sequence))
            {
                _early.Add(sequence, message.ToArray());
            }
        }

        while (_early.Count > 0 && _early.Remove(_next, out byte[]? early))
        {
            Deliver(early);
        }
    }

    private void Deliver(ReadOnlySpan<byte> message)
    {
        Sum += message[0] + (ulong)_next;
        _next++;
    }
}
