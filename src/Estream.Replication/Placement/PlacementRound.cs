using System.Buffers.Binary;
using System.Text;
using Estream.Queue;

namespace Estream.Replication;

/// <summary>
/// The question of a placement: which member owns which partition of a queue in an epoch. The member whose key gives the lowest output of
/// the verifiable random function (<see cref="Crypto.Ecvrf"/>) for a partition owns the partition. No member can choose the outcome, and
/// anybody can check it. Immutable.
/// </summary>
/// <param name="Queue">The name of the queue, 1 to 255 bytes in UTF-8.</param>
/// <param name="Epoch">The number of the placement, from 1. Each change of the members is a new epoch.</param>
/// <param name="Partitions">The number of partitions, 1 to 1,024.</param>
/// <param name="Seed">0 to 64 bytes that no member could know when the keys were published, such as the root of a later attestation.
/// Without a seed, a member could try keys until its outputs are low.</param>
public sealed record PlacementRound(string Queue, long Epoch, int Partitions, ReadOnlyMemory<byte> Seed)
{
    private const int MaxSeedBytes = 64;
    private const int MaxNameBytes = 255;

    private static ReadOnlySpan<byte> Domain => "estream placement 1"u8;

    /// <summary>Throws if a value is out of range.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        Require(
            Encoding.UTF8.GetByteCount(Queue) is > 0 and <= MaxNameBytes, $"The name of the queue must have 1 to {MaxNameBytes} bytes.");
        Require(Epoch > 0, $"The epoch is {Epoch}; it must be at least 1.");
        Require(Partitions is >= 1 and <= PartitionedQueue.MaxPartitions,
            $"{Partitions} partitions are given; 1 to {PartitionedQueue.MaxPartitions} are possible.");
        Require(Seed.Length <= MaxSeedBytes, $"The seed has {Seed.Length} bytes; it must have at most {MaxSeedBytes}.");
    }

    /// <summary>Returns the input of the verifiable random function for a partition; see docs/formats/replication.md.</summary>
    /// <param name="partition">The number of the partition, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The partition does not exist.</exception>
    public byte[] InputOf(int partition)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, Partitions);
        byte[] name = Encoding.UTF8.GetBytes(Queue);
        byte[] input = new byte[Domain.Length + 1 + name.Length + 1 + Seed.Length + sizeof(long) + sizeof(int) + sizeof(int)];
        Span<byte> rest = input;
        Domain.CopyTo(rest);
        rest = rest[Domain.Length..];
        rest[0] = (byte)name.Length;
        name.CopyTo(rest[1..]);
        rest = rest[(1 + name.Length)..];
        rest[0] = (byte)Seed.Length;
        Seed.Span.CopyTo(rest[1..]);
        rest = rest[(1 + Seed.Length)..];
        BinaryPrimitives.WriteInt64LittleEndian(rest, Epoch);
        BinaryPrimitives.WriteInt32LittleEndian(rest[sizeof(long)..], Partitions);
        BinaryPrimitives.WriteInt32LittleEndian(rest[(sizeof(long) + sizeof(int))..], partition);
        return input;
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
