using System.Runtime.InteropServices;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers.Packets;

/// <summary>An array of struct mmsghdr of 64-bit Linux, each with one struct iovec and one payload, in memory outside the collected
/// heap.</summary>
internal sealed class MessageTable : IDisposable
{
    private const int HeaderBytes = 64;
    private const int VectorBytes = 16;
    private const int VectorField = 16;
    private const int VectorCountField = 24;
    private const int LengthField = 56;

    private readonly nint _memory;
    private readonly int _count;

    public MessageTable(int count)
    {
        _count = count;
        int bytes = count * (HeaderBytes + VectorBytes + PacketWorkload.PayloadBytes);
        _memory = Marshal.AllocHGlobal(bytes);
        Marshal.Copy(new byte[bytes], 0, _memory, bytes);
        for (int i = 0; i < count; i++)
        {
            nint vector = _memory + (count * HeaderBytes) + (i * VectorBytes);
            Marshal.WriteIntPtr(vector, Payload(i));
            Marshal.WriteInt64(vector + sizeof(long), PacketWorkload.PayloadBytes);
            Marshal.WriteIntPtr(_memory + (i * HeaderBytes) + VectorField, vector);
            Marshal.WriteInt64(_memory + (i * HeaderBytes) + VectorCountField, 1);
        }
    }

    public nint Messages => _memory;

    public nint Payload(int message) => _memory + (_count * (HeaderBytes + VectorBytes)) + (message * PacketWorkload.PayloadBytes);

    public int LengthOf(int message) => Marshal.ReadInt32(_memory + (message * HeaderBytes) + LengthField);

    public void Dispose() => Marshal.FreeHGlobal(_memory);
}
