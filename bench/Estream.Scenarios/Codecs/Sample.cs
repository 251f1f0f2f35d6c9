using System.Buffers.Binary;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs;

/// <summary>Values for messages: the same in every run.</summary>
internal static class Sample
{
    public const long FirstTimestamp = 1_760_000_000_000_000_000;

    private static readonly string[] s_instruments = ["EURUSD", "USDCHF", "NESN.SW", "CO2-DEC26"];

    public static string Instrument(int index) => s_instruments[index % s_instruments.Length];

    /// <summary>Returns bytes like those of a digest, a key or a signature, different for every seed.</summary>
    public static byte[] Bytes(int count, int seed)
    {
        byte[] bytes = new byte[count];
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (int at = 0; at < count; at += sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, KeySequence.KeyOf(((ulong)seed << 20) + (ulong)at));
            word[..Math.Min(sizeof(ulong), count - at)].CopyTo(bytes.AsSpan(at));
        }

        return bytes;
    }
}
