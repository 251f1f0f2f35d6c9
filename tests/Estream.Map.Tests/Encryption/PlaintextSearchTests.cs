using System.Text;
using Estream.Core;
using Estream.Map.Internal;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>
/// Puts known strings into keys and values, does everything that stores them, and searches all files. The same steps without keys leave
/// the strings in the files, so the search can fail.
/// </summary>
public sealed class PlaintextSearchTests : IDisposable
{
    private const string Key = "the-secret-key-of-";
    private const string Value = "the-secret-value-of-";

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_file_ever_contains_a_key_or_value(bool isEncrypted)
    {
        QueueKeyRing? keys = isEncrypted ? TestRing.Shared : null;
        string maps = _directory.Combine("map");
        KillableStorage storage = new();
        ByteMapOptions options =
            new() { InitialCapacity = 0, SegmentBytes = 4096, Keys = keys, Storage = storage, GivesUpChanges = true };
        ByteMap map = ByteMap.Open(maps, options);
        Fill(map, 0, 60);
        AssertSearch(isEncrypted);
        map.Compact();
        Snapshots(map);
        Batch(map);
        AssertSearch(isEncrypted);
        if (isEncrypted)
        {
            map.RotateKey();
            map.RewrapKeys();
        }

        Fill(map, 30, 90);
        AssertSearch(isEncrypted);

        // The process is killed, and then the machine stops.
        storage.Kill();
        map = ByteMap.Open(maps, options);
        Fill(map, 0, 20);
        storage.Kill();
        RestartMachine(maps);
        map = ByteMap.Open(maps, options);
        Assert.True(map.HostCrashed);
        Fill(map, 20, 40);
        map.Compact();
        AssertSearch(isEncrypted);
        map.Clear();
        Fill(map, 0, 10);
        map.Dispose();
        AssertSearch(isEncrypted);
        using ByteMap reader = ByteMap.OpenReadOnly(maps, new ByteMapOptions { Keys = keys });
        Assert.True(reader.TryGet(KeyOf(3), out byte[]? value) && value.AsSpan().StartsWith(Encoding.UTF8.GetBytes(Value)));
        AssertSearch(isEncrypted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_versioned_map_and_its_feed_do_not_contain_them_either(bool isEncrypted)
    {
        QueueKeyRing? keys = isEncrypted ? TestRing.Shared : null;
        using (EstreamQueue queue = EstreamQueue.Open(_directory.Combine("feed"), new QueueOptions { Keys = keys }))
        using (QueueChangeSink feed = new(queue))
        using (VersionedByteMap map = VersionedByteMap.Open(
            _directory.Combine("map"), new ByteMapOptions { SegmentBytes = 4096, Keys = keys, Changes = feed }))
        {
            for (int number = 0; number < 200; number++)
            {
                map.Put(KeyOf(number % 40), ValueOf(number), number % 3 == 0 ? TimeSpan.FromTicks(1) : null);
                map.Touch(KeyOf((number + 7) % 40), TimeSpan.FromHours(1));
                map.Remove(KeyOf((number + 13) % 40));
            }

            using VersionedByteMapBatch batch = map.CreateBatch();
            batch.Put(KeyOf(1), ValueOf(1));
            batch.Put(KeyOf(2), ValueOf(2));
            Assert.True(batch.Commit());
            map.RemoveExpired();
            map.Compact();
            AssertSearch(isEncrypted);
        }

        AssertSearch(isEncrypted);
    }

    private static void Fill(ByteMap map, int from, int to)
    {
        for (int number = from; number < to; number++)
        {
            map.Put(KeyOf(number), ValueOf(number));
            map.Put(KeyOf(number), ValueOf(number * 2));
            map.Remove(KeyOf(number / 2));
            map.TryAdd(KeyOf(number / 2), ValueOf(number));
        }
    }

    private static void Snapshots(ByteMap map)
    {
        using ByteMapSnapshot snapshot = map.CreateSnapshot();
        Fill(map, 0, 30);
        using OrderedByteMapSnapshot ordered = snapshot.OrderByKey();
        string[] keys = [.. Keys(ordered)];
        Assert.Equal(keys.Order(StringComparer.Ordinal), keys);
        Assert.Equal(snapshot.Count, keys.Length);
    }

    private static List<string> Keys(OrderedByteMapSnapshot ordered)
    {
        List<string> keys = [];
        foreach (ByteMapEntry entry in ordered)
        {
            keys.Add(Encoding.UTF8.GetString(entry.Key));
        }

        return keys;
    }

    private static void Batch(ByteMap map)
    {
        using ByteMapBatch batch = map.CreateBatch();
        batch.Put(KeyOf(1), ValueOf(7));
        batch.Put(KeyOf(1_000), ValueOf(8));
        batch.Remove(KeyOf(5));
        Assert.True(batch.Commit());
        Assert.True(map.TryGet(KeyOf(1_000), out byte[]? value) && value.AsSpan().SequenceEqual(ValueOf(8)));
    }

    private static byte[] KeyOf(int number) => Encoding.UTF8.GetBytes(Key + number);

    private static byte[] ValueOf(int number) => [.. Encoding.UTF8.GetBytes(Value + number), .. new byte[number * 37 % 900]];

    private static void RestartMachine(string directory)
    {
        foreach ((string name, int bootId) in new[] { (MapFormat.MetaFile, MetaLayout.BootId), (HeapFormat.MetaFile,
            ByteMetaLayout.BootId) })
        {
            string path = Path.Combine(directory, name);
            byte[] meta = File.ReadAllBytes(path);
            meta[bootId] ^= 0xFF;
            File.WriteAllBytes(path, meta);
        }
    }

    private void AssertSearch(bool isEncrypted)
    {
        // A writer holds its lock on an empty file, which cannot be opened here.
        string[] files = [.. Directory.GetFiles(_directory.Path, "*", SearchOption.AllDirectories)
            .Where(file => new FileInfo(file).Length > 0)];
        string[] found = [.. files.Where(file => Contains(file, Key) || Contains(file, Value))];
        if (isEncrypted)
        {
            Assert.Empty(found);
        }
        else
        {
            Assert.NotEmpty(found);
        }
    }

    // The first bytes are enough: a file with a part of a key is a failure too.
    private static bool Contains(string file, string text) =>
        File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text[..12])) >= 0;
}
