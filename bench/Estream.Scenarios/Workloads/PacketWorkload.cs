using System.Buffers.Binary;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>The work of `packets` in a round: numbered packets from one network namespace to another, of which none may be lost.</summary>
internal sealed record PacketWorkload(RunSize Size)
{
    public const int PayloadBytes = 64;

    /// <summary>Packets per send and, at most, per receive.</summary>
    public const int Batch = 64;

    /// <summary>Packets that the sender may be ahead of the receiver: fewer than the 256 places of a veth queue, which drops the
    /// rest.</summary>
    public const int Window = 192;

    public const int Port = 4711;

    /// <summary>Packets of a round.</summary>
    public long Packets => Size.Of(500_000, 5_000);

    /// <summary>Writes the number of a packet at both ends of its payload.</summary>
    public static void Stamp(Span<byte> payload, long number)
    {
        BinaryPrimitives.WriteInt64LittleEndian(payload, number);
        BinaryPrimitives.WriteInt64LittleEndian(payload[(PayloadBytes - sizeof(long))..], number);
    }

    /// <summary>Requires that a payload is the next one: a lost, duplicated, reordered or damaged packet fails the row.</summary>
    /// <exception cref="ScenarioException">It is another one.</exception>
    public static void Require(ReadOnlySpan<byte> payload, long number)
    {
        if (payload.Length != PayloadBytes || BinaryPrimitives.ReadInt64LittleEndian(payload) != number
            || BinaryPrimitives.ReadInt64LittleEndian(payload[(PayloadBytes - sizeof(long))..]) != number)
        {
            throw new ScenarioException($"packet {number} is lost or damaged: {payload.Length} bytes, {Convert.ToHexString(payload)}");
        }
    }
}

/// <summary>A way for packets from one namespace to another. One thread sends, one receives.</summary>
internal abstract class PacketPath : IDisposable
{
    /// <summary>Sends consecutive packets, from <paramref name="first"/> on.</summary>
    /// <returns>The number of packets that were sent; fewer than <paramref name="count"/> if there is no space now.</returns>
    public abstract int Send(long first, int count);

    /// <summary>Receives the packets that have arrived, and requires that they are the next ones.</summary>
    /// <param name="expected">The number of the next packet.</param>
    /// <returns>The number of packets.</returns>
    public abstract int Receive(long expected);

    public abstract void Dispose();
}
