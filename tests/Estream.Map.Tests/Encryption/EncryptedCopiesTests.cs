using System.Buffers;
using System.Text;
using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Copies of encrypted entries: those of enumerations and snapshots are genuine, and are overwritten after use.</summary>
public sealed class EncryptedCopiesTests : IDisposable
{
    private static readonly ByteMapOptions s_encrypted = new() { Keys = TestRing.Shared };

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_snapshot_reports_an_entry_that_was_copied_over_another()
    {
        using ByteMap map = ByteMap.Open(_directory.Path, s_encrypted);
        map.Put("key 1"u8, new byte[50]);
        map.Put("key 2"u8, new byte[50]);
        using ByteMapSnapshot snapshot = map.CreateSnapshot();
        Assert.Equal(2, KeysOf(snapshot).Count);

        // The thread keeps the entry that it has opened last, which must not be the first one.
        Assert.True(snapshot.ContainsKey("key 2"u8));
        using (FileStream heap = new(
            _directory.Combine("heap.0001"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
        {
            byte[] block = new byte[BlockLayout.BytesOf(5, 50 + BlockLayout.SealBytes)];
            heap.Position = SegmentLayout.BlocksStart + block.Length;
            heap.ReadExactly(block);
            heap.Position = SegmentLayout.BlocksStart;
            heap.Write(block);
        }

        AssertBlock(Assert.Throws<EstreamCorruptionException>(() => KeysOf(snapshot)));
        AssertBlock(Assert.Throws<EstreamCorruptionException>(() => snapshot.OrderByKey().Dispose()));
        AssertBlock(Assert.Throws<EstreamCorruptionException>(() => map.ToDictionary()));
        Assert.True(snapshot.ContainsKey("key 2"u8));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_enumeration_leaves_no_entry_in_the_array_that_it_returns(bool isGrown)
    {
        using ByteMap map = ByteMap.Open(_directory.Path, s_encrypted);
        byte[] secret = Encoding.UTF8.GetBytes("a value that nobody else may see");
        byte[] value = [.. secret, .. new byte[5_000]];
        map.Put("key"u8, value);
        int largest = value.Length;
        if (isGrown)
        {
            // The enumeration of entries with growing lengths rents larger and larger arrays.
            for (largest = value.Length; largest < 1 << 17; largest *= 2)
            {
                map.Put(BitConverter.GetBytes(largest), [.. secret, .. new byte[largest]]);
            }
        }

        foreach (ByteMapEntry entry in map)
        {
            Assert.True(entry.Value.StartsWith(secret));
        }

        for (int bytes = value.Length; bytes <= largest * 2; bytes *= 2)
        {
            byte[] rented = ArrayPool<byte>.Shared.Rent(bytes);
            Assert.Equal(-1, rented.AsSpan().IndexOf(secret));
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    [Fact]
    public void A_thread_does_not_keep_the_memory_of_a_large_entry()
    {
        using ByteMap map = ByteMap.Open(_directory.Path, s_encrypted);
        map.Put("large"u8, new byte[3 << 20]);
        map.Put("small"u8, new byte[10]);
        Assert.True(map.TryGet("large"u8, out byte[]? _));
        Assert.Equal(0, OpenedBlock.OfThread.MemoryBytes);
        Assert.True(map.ContainsKey("large"u8));
        Assert.True(OpenedBlock.OfThread.MemoryBytes > 3 << 20);
        Assert.True(map.ContainsKey("small"u8));
        Assert.InRange(OpenedBlock.OfThread.MemoryBytes, 1, OpenedBlock.KeptBytes);
    }

    private static List<string> KeysOf(ByteMapSnapshot snapshot)
    {
        List<string> keys = [];
        foreach (ByteMapEntry entry in snapshot)
        {
            keys.Add(Encoding.UTF8.GetString(entry.Key));
        }

        return keys;
    }

    private static void AssertBlock(EstreamCorruptionException error)
    {
        Assert.Equal(SegmentLayout.BlocksStart, error.Offset);
        Assert.Contains("heap.0001", error.Message, StringComparison.Ordinal);
    }
}
