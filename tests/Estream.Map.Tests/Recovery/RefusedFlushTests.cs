using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A device refuses a flush and accepts the next one, which does not restore the lost pages. Earlier data on the device
/// stays, and the map is recovered when it is opened after a power cut, even if it was closed.</summary>
public sealed class RefusedFlushTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly PowerCutStorage _storage = new() { GivesUpRefusedPages = true };

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_flush_after_a_refused_flush_does_not_make_migrated_entries_durable()
    {
        using StateMap<long, long> map = Open();
        long flushed = map.Capacity;
        for (long key = 0; key < flushed; key++)
        {
            map.Put(key, key);
        }

        map.Flush();
        for (long key = flushed; key < flushed + 2; key++)
        {
            map.Put(key, key);
        }

        _storage.BadFile = MapFormat.TableFile(2);
        Assert.Throws<EstreamStorageException>(map.Flush);
        _storage.BadFile = null;
        map.Flush();
        Assert.Equal(2, Directory.GetFiles(_directory.Path, "table.*").Length);
        using TempDirectory cut = Cut();
        using StateMap<long, long> found = StateMap.Open<long, long>(cut.Path);
        for (long key = 0; key < flushed; key++)
        {
            Assert.True(found.TryGet(key, out long value) && value == key, $"{key} of {flushed} was flushed and is gone");
        }
    }

    [Fact]
    public void A_flush_of_the_next_writer_does_not_make_migrated_entries_durable_after_a_refused_flush()
    {
        long flushed;
        using (StateMap<long, long> map = Open())
        {
            flushed = map.Capacity;
            for (long key = 0; key < flushed; key++)
            {
                map.Put(key, key);
            }

            map.Flush();
            for (long key = flushed; key < flushed + 2; key++)
            {
                map.Put(key, key);
            }

            _storage.BadFile = MapFormat.TableFile(2);
            Assert.Throws<EstreamStorageException>(map.Flush);
            _storage.BadFile = null;
        }

        Open().Dispose();
        using TempDirectory cut = Cut();
        using StateMap<long, long> found = StateMap.Open<long, long>(cut.Path);
        Assert.True(found.HostCrashed);
        for (long key = 0; key < flushed; key++)
        {
            Assert.True(found.TryGet(key, out long value) && value == key, $"{key} of {flushed} was flushed and is gone");
        }
    }

    [Fact]
    public void A_map_closed_after_a_refused_flush_is_recounted_after_a_power_cut()
    {
        using (StateMap<long, long> map = Open())
        {
            for (long key = 0; key < 500; key++)
            {
                map.Put(key, key);
            }

            _storage.BadFile = MapFormat.TableFile(1);
            Assert.Throws<EstreamStorageException>(map.Flush);
            _storage.BadFile = null;
            map.Put(500, 500);
        }

        using TempDirectory cut = Cut();
        using StateMap<long, long> found = StateMap.Open<long, long>(cut.Path);
        Assert.True(found.HostCrashed);
        Assert.Equal(found.CountByEnumeration(), found.Count);
    }

    [Fact]
    public void A_byte_map_closed_after_a_refused_flush_is_recovered_after_a_power_cut()
    {
        byte[] value = new byte[100];
        using (ByteMap map = ByteMap.Open(_directory.Path, new ByteMapOptions { Storage = _storage }))
        {
            for (int key = 0; key < 200; key++)
            {
                value.AsSpan().Fill((byte)(key + 1));
                map.Put(BitConverter.GetBytes(key), value);
            }

            _storage.BadFile = HeapFormat.SegmentFile(1);
            Assert.Throws<EstreamStorageException>(map.Flush);
            _storage.BadFile = null;
        }

        using TempDirectory cut = Cut();
        File.WriteAllBytes(cut.Combine(HeapFormat.MetaFile), OfAnotherBoot(cut.Combine(HeapFormat.MetaFile), ByteMetaLayout.BootId));
        using ByteMap found = ByteMap.Open(cut.Path);
        Assert.True(found.HostCrashed);
        long count = 0;
        foreach (ByteMapEntry entry in found)
        {
            count++;
            Assert.False(entry.Value.ContainsAnyExcept((byte)(BitConverter.ToInt32(entry.Key) + 1)));
        }

        Assert.Equal(count, found.Count);
    }

    [Theory]
    [InlineData(HeapFormat.MetaFile)]
    [InlineData("heap.0001")]
    [InlineData("table.0001")]
    public void A_confirmed_map_is_durable_although_the_device_had_refused_a_flush(string refused)
    {
        ByteMapOptions options = new() { Storage = _storage };
        long version;
        using (VersionedByteMap map = VersionedByteMap.Open(_directory.Path, options))
        {
            version = map.Put("key"u8, "value"u8);
            _storage.BadFile = refused;
            Assert.Throws<EstreamStorageException>(map.Flush);
            _storage.BadFile = null;
            Assert.Throws<EstreamLeaseException>(() => VersionedByteMap.ConfirmEntries(_directory.Path, options));
        }

        using (VersionedByteMap torn = VersionedByteMap.OpenReadOnly(_directory.Path, options))
        {
            Assert.True(torn.HostCrashed);
        }

        Assert.True(VersionedByteMap.ConfirmEntries(_directory.Path, options));
        Assert.False(VersionedByteMap.ConfirmEntries(_directory.Path, options));
        using TempDirectory cut = Cut();
        using VersionedByteMap found = VersionedByteMap.Open(cut.Path);
        Assert.False(found.HostCrashed);
        Assert.True(found.TryGet("key"u8, out byte[]? value, out long same));
        Assert.Equal("value"u8, value);
        Assert.Equal(version, same);
    }

    [Fact]
    public void Confirming_a_map_that_does_not_exist_creates_nothing()
    {
        string path = _directory.Combine("nothing");

        Assert.Throws<EstreamStorageException>(() => VersionedByteMap.ConfirmEntries(path));
        Assert.False(Directory.Exists(path));
    }

    private StateMap<long, long> Open() =>
        StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 5_000, Storage = _storage });

    // Returns the files after a restart of the kernel if it had written back nothing by itself.
    private TempDirectory Cut()
    {
        TempDirectory cut = new();
        _storage.Cut(cut.Path, _ => false);
        string path = cut.Combine(MapFormat.MetaFile);
        File.WriteAllBytes(path, OfAnotherBoot(path, MetaLayout.BootId));
        return cut;
    }

    private static byte[] OfAnotherBoot(string path, int bootId)
    {
        byte[] meta = File.ReadAllBytes(path);
        meta[bootId] ^= 0xFF;
        return meta;
    }
}
