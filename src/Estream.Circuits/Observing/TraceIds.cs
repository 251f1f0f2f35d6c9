using System.Buffers.Binary;
using System.Diagnostics;

namespace Estream.Circuits.Observing;

/// <summary>Derives trace ids from messages, so that independent processes assign the same id to the same message without
/// communicating.</summary>
internal static class TraceIds
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Returns the id of a message. Both halves are effectively random, as samplers require.</summary>
    public static ActivityTraceId Of(long queueId, long sequence)
    {
        Span<byte> id = stackalloc byte[16];
        ulong queue = Mix((ulong)queueId + Golden), number = Mix((ulong)sequence);

        // Within one queue the second half alone distinguishes all messages.
        BinaryPrimitives.WriteUInt64BigEndian(id, Mix(queue ^ number));
        BinaryPrimitives.WriteUInt64BigEndian(id[8..], Mix((ulong)sequence + queue));
        return ActivityTraceId.CreateFromBytes(id);
    }

    // SplitMix64 (Steele, Lea, Flood 2014): a bijection on 64-bit numbers.
    private static ulong Mix(ulong value)
    {
        value += Golden;
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
