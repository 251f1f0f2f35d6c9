using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Power cuts at random moments and at the steps that reach the device, with each page as flushed or as at the cut. Entries
/// for which Flush returned and that did not change since are there. Every entry found is whole and was put under its key.</summary>
public sealed class ByteMapPowerCutTests : IDisposable
{
    private const int Keys = 60;

    private readonly TempDirectory _directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);
    private readonly PowerCutStorage _storage = new();
    private readonly Dictionary<int, HashSet<int>> _everPut = [];
    private readonly Dictionary<int, int> _model = [];
    private Dictionary<int, int> _flushed = [];
    private Core.QueueKeyRing? _keys;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(1, 4096, false)]
    [InlineData(2, 16384, false)]
    [InlineData(3, 65536, false)]
    [InlineData(4, 4096, true)]
    [InlineData(5, 16384, true)]
    public void Flushed_entries_survive_a_power_cut_with_compaction_and_released_files(int seed, int segmentBytes, bool isEncrypted)
    {
        Random random = new(seed);
        _keys = isEncrypted ? TestRing.Shared : null;
        using ByteMap map = ByteMap.Open(
            _directory.Path, new ByteMapOptions { InitialCapacity = 0, SegmentBytes = segmentBytes, Storage = _storage, Keys = _keys });
        _storage.OnStep = _ =>
        {
            if (random.Next(40) == 0)
            {
                AssertCutKeeps(random);
            }
        };
        for (int turn = 1; turn <= LongRun.Count(4_000, 60_000); turn++)
        {
            Change(map, random.Next(Keys), turn, random);
            if (random.Next(120) == 0)
            {
                map.Flush();
                _flushed = new Dictionary<int, int>(_model);
            }

            if (random.Next(60) == 0)
            {
                AssertCutKeeps(random);
            }

            if (isEncrypted && random.Next(500) == 0)
            {
                map.RotateKey();
                map.Compact();
                map.RewrapKeys();
            }
        }

        Assert.InRange(map.GetStatistics().Passes, 3, int.MaxValue);
    }

    [Fact]
    public void A_closed_map_is_fully_durable()
    {
        using (ByteMap map = ByteMap.Open(_directory.Path, new ByteMapOptions { SegmentBytes = 4096, Storage = _storage }))
        {
            Random random = new(9);
            for (int turn = 1; turn <= 1_000; turn++)
            {
                Change(map, random.Next(Keys), turn, random);
            }
        }

        using TempDirectory cut = new();
        _storage.Cut(cut.Path, _ => false);
        Restart(cut);
        using ByteMap found = ByteMap.Open(cut.Path);
        Assert.False(found.HostCrashed);
        Assert.Equal(_model.OrderBy(pair => pair.Key), Read(found).OrderBy(pair => pair.Key));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_map_is_created_whole_or_not_at_all(bool isEncrypted)
    {
        int seen = 0;
        _keys = isEncrypted ? TestRing.Shared : null;
        _storage.OnStep = _ =>
        {
            seen++;
            AssertCutKeeps(new Random(seen));
        };
        ByteMap.Open(_directory.Path, new ByteMapOptions { Storage = _storage, Keys = _keys }).Dispose();
        Assert.True(seen > 8);
    }

    [Fact]
    public void A_refused_flush_is_reported_until_the_map_is_cleared()
    {
        using ByteMap map = ByteMap.Open(_directory.Path, new ByteMapOptions { Storage = _storage });
        map.Put("key"u8, "value"u8);
        _storage.BadFile = HeapFormat.SegmentFile(1);
        Assert.Throws<Core.EstreamStorageException>(map.Flush);
        Assert.True(map.HostCrashed);
        _storage.BadFile = null;
        map.Flush();
        Assert.True(map.HostCrashed);
        map.Clear();
        Assert.False(map.HostCrashed);
    }

    private void Change(ByteMap map, int key, int turn, Random random)
    {
        _flushed.Remove(key);
        if (random.Next(4) == 0)
        {
            Assert.Equal(_model.Remove(key), map.Remove(BitConverter.GetBytes(key)));
            return;
        }

        _everPut.TryAdd(key, []);
        _everPut[key].Add(turn);
        map.Put(BitConverter.GetBytes(key), Value(turn));
        _model[key] = turn;
    }

    private void AssertCutKeeps(Random random)
    {
        using TempDirectory cut = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);
        int often = random.Next(1, 5);
        _storage.Cut(cut.Path, _ => random.Next(often) == 0);
        Restart(cut);
        using ByteMap found = ByteMap.Open(cut.Path, new ByteMapOptions { InitialCapacity = 0, Keys = _keys });
        Dictionary<int, int> there = Read(found);
        foreach ((int key, int turn) in _flushed)
        {
            Assert.True(there.TryGetValue(key, out int is_) && is_ == turn,
                $"{key} was flushed with {turn} and is {(there.ContainsKey(key) ? "another" : "missing")}");
        }

        Assert.All(there, pair => Assert.Contains(pair.Value, _everPut[pair.Key]));
        Assert.Equal(there.Count, found.Count);
        Assert.True(found.Put("new"u8, "value"u8));
        found.Compact();
        Assert.Equal(there.Count + 1, found.ToDictionary().Count);
    }

    private static Dictionary<int, int> Read(ByteMap map)
    {
        Dictionary<int, int> there = [];
        foreach (ByteMapEntry entry in map)
        {
            int turn = BitConverter.ToInt32(entry.Value);
            Assert.True(entry.Value.SequenceEqual(Value(turn)), "a block that is not whole was shown");
            there.Add(BitConverter.ToInt32(entry.Key), turn);
        }

        return there;
    }

    private static byte[] Value(int turn)
    {
        byte[] value = new byte[4 + (turn * 13 % 700) + (turn % 97 == 0 ? 5_000 : 0)];
        Array.Fill(value, (byte)turn);
        BitConverter.TryWriteBytes(value, turn);
        return value;
    }

    // Changes the boot ids in the files, as if the kernel had restarted.
    internal static void Restart(TempDirectory cut)
    {
        foreach ((string name, int bootId) in new[] { (MapFormat.MetaFile, MetaLayout.BootId),
            (HeapFormat.MetaFile, ByteMetaLayout.BootId) })
        {
            if (File.Exists(cut.Combine(name)))
            {
                byte[] meta = File.ReadAllBytes(cut.Combine(name));
                meta[bootId] ^= 0xFF;
                File.WriteAllBytes(cut.Combine(name), meta);
            }
        }
    }
}
