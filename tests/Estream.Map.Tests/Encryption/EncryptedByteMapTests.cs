using System.Buffers.Binary;
using System.Text;
using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>An encrypted byte map behaves as a plaintext one, for those who have a master key, and reports what is not genuine.</summary>
public sealed class EncryptedByteMapTests : IDisposable
{
    private static readonly ByteMapOptions s_encrypted = new() { Keys = TestRing.Shared };

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Entries_are_found_by_the_writer_by_readers_and_after_opening_again()
    {
        byte[] large = new byte[3 << 20];
        Random.Shared.NextBytes(large);
        using (ByteMap map = ByteMap.Open(_directory.Path, s_encrypted))
        {
            Assert.True(map.IsEncrypted);
            Assert.True(map.Put("key"u8, "value"u8));
            Assert.True(map.Put(default, default));
            Assert.True(map.Put("large"u8, large));
            Assert.True(map.CompareExchange("key"u8, "value"u8, "other"u8));
            Assert.False(map.CompareExchange("key"u8, "value"u8, "third"u8));
            using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path, s_encrypted);
            AssertHas(reader, large);
        }

        using ByteMap again = ByteMap.Open(_directory.Path, s_encrypted);
        AssertHas(again, large);
        Assert.True(again.Remove("large"u8));
        Assert.False(again.ContainsKey("large"u8));
    }

    [Fact]
    public void A_map_is_refused_without_its_keys_with_other_keys_and_a_plaintext_map_with_keys()
    {
        ByteMap.Open(_directory.Path, s_encrypted).Dispose();
        string keyFile = _directory.Combine("map.keys");
        AssertKeyError(keyFile, null, () => ByteMap.Open(_directory.Path));
        AssertKeyError(keyFile, null, () => ByteMap.OpenReadOnly(_directory.Path));
        using var wrong = new QueueKeyRing("first", TestRing.KeyOf("another"));
        using QueueKeyRing missing = TestRing.Of("second");
        AssertKeyError(keyFile, "first", () => ByteMap.Open(_directory.Path, new ByteMapOptions { Keys = wrong }));
        AssertKeyError(keyFile, "first", () => ByteMap.OpenReadOnly(_directory.Path, new ByteMapOptions { Keys = missing }));
        File.Move(keyFile, keyFile + ".away");
        AssertKeyError(keyFile, null, () => ByteMap.Open(_directory.Path, s_encrypted));
        File.Move(keyFile + ".away", keyFile);
        ByteMap.Open(_directory.Path, s_encrypted).Dispose();

        using TempDirectory plaintext = new();
        ByteMap.Open(plaintext.Path).Dispose();
        AssertKeyError(plaintext.Combine("bytes.meta"), null, () => ByteMap.Open(plaintext.Path, s_encrypted));
        Assert.Throws<ArgumentException>(() => ByteMap.CreateInMemory(s_encrypted));
        Assert.Throws<InvalidOperationException>(() => ByteMap.CreateInMemory().RotateKey());
    }

    [Fact]
    public void A_map_of_fixed_size_values_refuses_keys_and_creates_nothing()
    {
        MapOptions options = new() { Keys = TestRing.Shared };
        string directory = _directory.Combine("fixed");
        Action[] openings =
        [
            () => StateMap.Open<long, long>(directory, options),
            () => StateMap.OpenReadOnly<long, long>(directory, options),
            () => VersionedMap.Open<long, long>(directory, options),
            () => VersionedMap.OpenReadOnly<long, long>(directory, options),
            () => VersionedMap.CreateInMemory<long, long>(options),
        ];
        Assert.All(openings, open =>
            Assert.Contains("cannot be encrypted", Assert.Throws<ArgumentException>(open).Message, StringComparison.Ordinal));
        Assert.False(Directory.Exists(directory));
    }

    [Fact]
    public void The_keys_of_another_map_are_refused()
    {
        using TempDirectory other = new();
        ByteMap.Open(_directory.Path, s_encrypted).Dispose();
        ByteMap.Open(other.Path, s_encrypted).Dispose();
        File.Copy(other.Combine("map.keys"), _directory.Combine("map.keys"), overwrite: true);
        EstreamFormatException error =
            Assert.Throws<EstreamFormatException>(() => ByteMap.Open(_directory.Path, s_encrypted));
        Assert.Contains("another map", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_keys_with_another_magic_number_or_without_an_end_is_damaged()
    {
        ByteMap.Open(_directory.Path, s_encrypted).Dispose();
        string keys = _directory.Combine("map.keys");
        byte[] whole = File.ReadAllBytes(keys);
        File.WriteAllBytes(keys, [0, .. whole[1..]]);
        Assert.Equal(keys, Assert.Throws<EstreamCorruptionException>(() => ByteMap.Open(_directory.Path, s_encrypted)).Path);
        File.WriteAllBytes(keys, whole[..40]);
        Assert.Equal(keys, Assert.Throws<EstreamCorruptionException>(() => ByteMap.Open(_directory.Path, s_encrypted)).Path);
        File.WriteAllBytes(keys, whole);
        ByteMap.Open(_directory.Path, s_encrypted).Dispose();
    }

    [Fact]
    public void Every_changed_bit_of_an_entry_is_reported_with_file_and_offset()
    {
        Make("first", "second");
        byte[] genuine = File.ReadAllBytes(Heap);
        int bytes = BlockLayout.SealedContent + "first".Length + 50;
        for (int place = 0; place < bytes; place++)
        {
            byte[] changed = [.. genuine];
            changed[SegmentLayout.BlocksStart + place] ^= (byte)(1 << (place % 8));
            File.WriteAllBytes(Heap, changed);
            using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path, s_encrypted);
            byte[] value = new byte[50];
            for (int attempt = 0; attempt < 2; attempt++)
            {
                EstreamCorruptionException error =
                    Assert.Throws<EstreamCorruptionException>(() => reader.TryGet("first"u8, value, out _).IsOk);
                Assert.Equal(SegmentLayout.BlocksStart, error.Offset);
                Assert.Contains("heap.0001", error.Message, StringComparison.Ordinal);
                Assert.All(value, each => Assert.Equal(0, each));
                Assert.True(reader.TryGet("second"u8, new byte[50], out _).IsOk);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData((int)BlockKind.Entry)]
    [InlineData((int)BlockKind.List)]
    [InlineData((int)BlockKind.Sealed)]
    [InlineData(4)]
    [InlineData(0xFF)]
    public void A_plaintext_entry_that_somebody_without_the_keys_wrote_is_never_returned(int kind)
    {
        Make("first", "second");
        byte[] heap = File.ReadAllBytes(Heap);
        byte[] forged = [.. new byte[BlockLayout.HeaderBytes], .. "first"u8, .. "forged"u8];
        BinaryPrimitives.WriteUInt32LittleEndian(
            forged.AsSpan(BlockLayout.KeyBytesAndKind), (uint)kind << BlockLayout.KindShift | (uint)"first".Length);
        BinaryPrimitives.WriteInt32LittleEndian(forged.AsSpan(BlockLayout.ValueBytes), "forged".Length);
        BinaryPrimitives.WriteUInt32LittleEndian(forged, Crc32C.Compute(forged.AsSpan(BlockLayout.KeyBytesAndKind)));
        forged.CopyTo(heap.AsSpan(SegmentLayout.BlocksStart));
        File.WriteAllBytes(Heap, heap);
        using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path, s_encrypted);
        byte[] value = new byte[50];

        // The first get opens the file, and later ones take the fast path.
        Assert.True(reader.TryGet("second"u8, new byte[50], out _).IsOk);
        Assert.Throws<EstreamCorruptionException>(() => reader.TryGet("first"u8, value, out _).IsOk);
        Assert.All(value, each => Assert.Equal(0, each));
    }

    [Fact]
    public void Swapped_and_copied_entries_are_reported()
    {
        Make("key 1", "key 2");
        byte[] heap = File.ReadAllBytes(Heap);
        int bytes = (int)BlockLayout.BytesOf(5, 50 + BlockLayout.SealBytes);
        Span<byte> first = heap.AsSpan(SegmentLayout.BlocksStart, bytes), second = heap.AsSpan(SegmentLayout.BlocksStart + bytes, bytes);
        byte[] kept = first.ToArray();
        second.CopyTo(first);
        File.WriteAllBytes(Heap, heap);
        AssertDamaged("key 1"u8.ToArray());
        using (ByteMap reader = ByteMap.OpenReadOnly(_directory.Path, s_encrypted))
        {
            Assert.True(reader.ContainsKey("key 2"u8));
            Assert.Throws<EstreamCorruptionException>(() => reader.ToDictionary());
        }

        kept.CopyTo(second);
        File.WriteAllBytes(Heap, heap);
        AssertDamaged("key 1"u8.ToArray());
        AssertDamaged("key 2"u8.ToArray());
    }

    [Fact]
    public void Equal_entries_look_different_in_the_files()
    {
        using (ByteMap map = ByteMap.Open(_directory.Path, s_encrypted))
        {
            map.Put("key"u8, new byte[64]);
            map.Put("key"u8, new byte[64]);
        }

        int bytes = (int)BlockLayout.BytesOf(3, 64 + BlockLayout.SealBytes);
        byte[] heap = File.ReadAllBytes(Heap);
        byte[] first = heap[SegmentLayout.BlocksStart..(SegmentLayout.BlocksStart + bytes)];
        byte[] second = heap[(SegmentLayout.BlocksStart + bytes)..(SegmentLayout.BlocksStart + (2 * bytes))];
        Assert.Equal(first[BlockLayout.Seal..(BlockLayout.Seal + 8)], second[BlockLayout.Seal..(BlockLayout.Seal + 8)]);
        Assert.NotEqual(first[BlockLayout.Seal..(BlockLayout.Seal + 12)], second[BlockLayout.Seal..(BlockLayout.Seal + 12)]);
        Assert.NotEqual(first[BlockLayout.SealedContent..], second[BlockLayout.SealedContent..]);
    }

    /// <summary>Two writers that continue the same copy of a map store different nonces, although both begin at the same place.</summary>
    [Fact]
    public void Writers_of_two_copies_of_a_map_use_different_nonces()
    {
        Make("first");
        using TempDirectory copy = new();
        Array.ForEach(Directory.GetFiles(_directory.Path), file => File.Copy(file, copy.Combine(Path.GetFileName(file))));
        byte[][] seals = [.. new[] { _directory, copy }.Select(directory =>
        {
            using (ByteMap map = ByteMap.Open(directory.Path, s_encrypted))
            {
                map.Put("next"u8, "value"u8);
            }

            int at = SegmentLayout.BlocksStart + (int)BlockLayout.BytesOf(5, 50 + BlockLayout.SealBytes) + BlockLayout.Seal;
            return File.ReadAllBytes(directory.Combine("heap.0001")).AsSpan(at, BlockLayout.NonceBytes).ToArray();
        })];
        Assert.NotEqual(new byte[8], seals[0][..8]);
        Assert.NotEqual(seals[0][..8], seals[1][..8]);
    }

    [Fact]
    public void Reading_and_writing_allocate_nothing()
    {
        using ByteMap map = ByteMap.Open(_directory.Path, s_encrypted);
        using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path, s_encrypted);
        int turn = 0;
        long bytes = AllocationMeter.OnThisThread(100, () =>
        {
            turn++;
            Span<byte> key = stackalloc byte[12];
            Span<byte> value = stackalloc byte[200];
            BitConverter.TryWriteBytes(key, turn % 70);
            map.Put(key, value[..(turn % 200)]);
            map.CompareExchange(key, value[..(turn % 200)], value);
            _ = map.TryGet(key, value, out int _).IsOk | reader.TryGet(key, value, out int _).IsOk;
            map.Remove(key);
        });
        Assert.Equal(0, bytes);
    }

    [Fact]
    public async Task Threads_read_while_the_writer_replaces_values()
    {
        ByteMapOptions small = s_encrypted with { SegmentBytes = 4096 };
        using ByteMap map = ByteMap.Open(_directory.Path, small);
        using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path, small);
        byte[][] keys = [.. Enumerable.Range(0, 20).Select(key => Encoding.UTF8.GetBytes($"key {key}"))];
        Array.ForEach(keys, key => map.Put(key, new byte[100]));
        long reads = 0;
        bool isDone = false;
        Task[] readers = [.. Enumerable.Range(0, 3).Select(number => Task.Run(() =>
        {
            byte[] value = new byte[100];
            for (int turn = number; !Volatile.Read(ref isDone); turn++)
            {
                Assert.True((turn % 2 == 0 ? reader : map).TryGet(keys[turn % keys.Length], value, out int length).IsOk);
                Assert.Equal(100, length);
                Assert.Equal(-1, value.AsSpan().IndexOfAnyExcept(value[0]));
                Interlocked.Increment(ref reads);
            }
        }))];
        byte[] written = new byte[100];
        for (int turn = 0; turn < 5_000 || Interlocked.Read(ref reads) < 5_000; turn++)
        {
            Array.Fill(written, (byte)turn);
            map.Put(keys[turn % keys.Length], written);
            if (turn % 1_000 == 999)
            {
                map.RotateKey();
            }
        }

        Volatile.Write(ref isDone, true);
        await Task.WhenAll(readers);
        Assert.InRange(map.GetStatistics().Passes, 1, long.MaxValue);
    }

    private string Heap => _directory.Combine("heap.0001");

    private void Make(params string[] keys)
    {
        using ByteMap map = ByteMap.Open(_directory.Path, s_encrypted);
        byte[] value = [.. Enumerable.Repeat((byte)0x5A, 50)];
        Array.ForEach(keys, key => map.Put(Encoding.UTF8.GetBytes(key), value));
    }

    private void AssertDamaged(byte[] key)
    {
        using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path, s_encrypted);
        Assert.Throws<EstreamCorruptionException>(() => reader.TryGet(key, out byte[]? _));
        Assert.Throws<EstreamCorruptionException>(() => reader.ContainsKey(key));
    }

    private static void AssertHas(ByteMap map, byte[] large)
    {
        Assert.True(map.TryGet("key"u8, out byte[]? value) && value.AsSpan().SequenceEqual("other"u8));
        Assert.True(map.TryGet(default, out byte[]? empty) && empty.Length == 0);
        Assert.True(map.TryGet("large"u8, out byte[]? found) && found.AsSpan().SequenceEqual(large));
        Assert.False(map.ContainsKey("missing"u8));
        Assert.Equal(3, map.Count);
    }

    private static void AssertKeyError(string path, string? keyId, Action refused)
    {
        EstreamKeyException error = Assert.Throws<EstreamKeyException>(refused);
        Assert.Equal((path, keyId), (error.Path, error.KeyId));
        Assert.Contains(Path.GetDirectoryName(path)!, error.Message, StringComparison.Ordinal);
    }
}
