using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Opens the entries of an encrypted map with a second implementation, written after docs/formats/bytemap.md only.</summary>
public sealed class EncryptionFormatTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_files_are_as_documented()
    {
        using (VersionedByteMap map = VersionedByteMap.Open(_directory.Path, new ByteMapOptions { Keys = TestRing.Shared }))
        {
            map.Put("key"u8, "value"u8, TimeSpan.FromDays(1));
        }

        byte[] meta = File.ReadAllBytes(_directory.Combine("bytes.meta"));
        Assert.Equal(3, BitConverter.ToInt32(meta, 16));
        Assert.Equal(new byte[16], meta[24..40]);
        byte[] mapId = meta[40..48];
        byte[] hashSecret = UnwrapKey(1, mapId);
        byte[] dataKey = UnwrapKey(2, mapId);

        byte[] heap = File.ReadAllBytes(_directory.Combine("heap.0001"));
        Assert.Equal(2, BitConverter.ToInt32(heap, 80));
        ReadOnlySpan<byte> block = heap.AsSpan(256);
        Assert.Equal(0, BitConverter.ToInt32(block));
        Assert.Equal((3 << 24) | 3, BitConverter.ToInt32(block[4..]));
        Assert.Equal(16 + 5, BitConverter.ToInt32(block[8..]));
        Assert.Equal(0, BitConverter.ToInt32(block[12..]));
        Assert.Equal(1, BitConverter.ToInt64(block[44..]));
        byte[] bound = [.. mapId, .. block[4..16], .. block[44..60]];
        byte[] plain = new byte[8];
        using AesGcm aes = new(Derive(dataKey, "estream map block v1", mapId, 32), 16);
        aes.Decrypt(block[16..28], block[60..68], block[28..44], plain, bound);
        Assert.Equal("valuekey"u8, plain);

        // The index has the hash of the key, under a key that is not in a file.
        var hash = new Internal.ByteHash(Derive(hashSecret, "estream map hash v1", mapId, 16));
        using StateMap<nuint, nuint> index = StateMap.OpenReadOnly<nuint, nuint>(_directory.Path);
        Assert.Equal(hash.Of("key"u8), Assert.Single(index).Key);
    }

    private static byte[] Derive(byte[] secret, string purpose, byte[] mapId, int bytes) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, bytes, [], [.. Encoding.ASCII.GetBytes(purpose), .. mapId]);

    private byte[] UnwrapKey(int generation, byte[] mapId)
    {
        byte[] table = File.ReadAllBytes(_directory.Combine("map.keys"));
        Assert.Equal("ESTRKEY1"u8, table.AsSpan(0, 8));
        Assert.Equal(mapId, table[16..24]);
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(table.AsSpan(24)));
        ReadOnlySpan<byte> entry = table.AsSpan(64 + (128 * (generation - 1)), 128);
        Assert.Equal(generation, BinaryPrimitives.ReadInt32LittleEndian(entry));
        byte[] key = new byte[32];
        using AesGcm master = new(TestRing.KeyOf("first"), 16);
        master.Decrypt(entry[48..60], entry[64..96], entry[96..112], key, [.. table[16..32], .. entry[..64]]);
        return key;
    }
}
