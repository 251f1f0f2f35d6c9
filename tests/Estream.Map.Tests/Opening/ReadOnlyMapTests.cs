using System.Buffers;
using System.Security.Cryptography;
using Estream.Core;
using Estream.Map.Internal;
using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A map opened read-only is never written, whatever state its writers left. It does not undo a half-done write of a dead writer,
/// finish a resize, remove expired entries, or record a restart of the machine.</summary>
public sealed class ReadOnlyMapTests : IDisposable
{
    private const int Entries = 4_000;
    private const int Operations = 3_000;
    private const int WideEntries = 3;
    private const long Key = 1;
    private const long Word = 4711;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly TempDirectory _directory = new();
    private readonly ManualClock _clock = new();

    /// <summary>The state in which the files were left.</summary>
    public enum Left
    {
        Closed,
        Open,
        Moving,
        OfAnotherBoot,
        WithDeadHolder,
        MovingWithDeadHolder,
        Versions,
        VersionsMoving,
        VersionsOfSeveral,
        Bytes,
        BytesOpen,
        BytesOfAnotherBoot,
        VersionedBytes,
        VersionedBytesOpen,
    }

    public static TheoryData<Left> All => [.. Enum.GetValues<Left>()];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public void Reading_changes_no_byte_or_time_of_any_file_and_takes_no_write_access(Left left)
    {
        string map = _directory.Combine("map");
        Make(left, map);
        Dictionary<string, (DateTime, string)> before = FilesOf(map);
        Use(left, map, new ReadOnlyStorage());
        Use(left, map, FileStorage.Instance);
        Assert.Equal(before, FilesOf(map));
    }

    [MountTheory]
    [MemberData(nameof(All))]
    public void A_map_opens_read_only_on_a_read_only_file_system(Left left)
    {
        using TmpfsMount disk = new(256 << 20);
        string map = disk.Combine("map");
        Make(left, map);
        disk.MakeReadOnly();
        Use(left, map, FileStorage.Instance);
    }

    // Creates the map in another folder and copies the files, as a process killed between two calls leaves them, so that no process has any
    // of them open.
    private void Make(Left left, string map)
    {
        string alive = _directory.Combine("alive");
        string killed = _directory.Combine("killed");
        using (IDisposable writer = Write(left, alive))
        {
            if (left is Left.Closed or Left.Bytes or Left.VersionedBytes)
            {
                writer.Dispose();
            }

            KilledCopy.Make(alive, killed);
        }

        switch (left)
        {
            case Left.OfAnotherBoot or Left.BytesOfAnotherBoot:
                Reboot(killed);
                break;
            case Left.WithDeadHolder:
                DieInTheMiddleOfAValue(killed);
                break;
            case Left.MovingWithDeadHolder:
                DieWithLocks(killed);
                break;
            default:
                break;
        }

        KilledCopy.Make(killed, map);
    }

    private IDisposable Write(Left left, string directory) => left switch
    {
        Left.WithDeadHolder => WriteWide(directory),
        Left.Closed or Left.Open or Left.OfAnotherBoot => WriteNumbers(directory, MapWriters.One, isMoving: false),
        Left.Moving => WriteNumbers(directory, MapWriters.One, isMoving: true),
        Left.MovingWithDeadHolder => WriteNumbers(directory, MapWriters.Many, isMoving: true),
        Left.Versions => WriteVersions(directory, MapWriters.One, isMoving: false),
        Left.VersionsMoving => WriteVersions(directory, MapWriters.One, isMoving: true),
        Left.VersionsOfSeveral => WriteVersions(directory, MapWriters.Many, isMoving: true),
        Left.Bytes or Left.BytesOpen or Left.BytesOfAnotherBoot => WriteBytes(directory),
        _ => WriteVersionedBytes(directory),
    };

    private void Use(Left left, string directory, IStorage storage)
    {
        switch (left)
        {
            case Left.WithDeadHolder:
                UseNumbers(directory, storage, CheckedValue.Of, value => value.IsWhole ? value.Operation : -1);
                break;
            case Left.Closed or Left.Open or Left.OfAnotherBoot or Left.Moving or Left.MovingWithDeadHolder:
                UseNumbers(directory, storage, number => number, value => value);
                break;
            case Left.Versions or Left.VersionsMoving or Left.VersionsOfSeveral:
                UseVersions(directory, storage);
                break;
            case Left.Bytes or Left.BytesOpen or Left.BytesOfAnotherBoot:
                UseBytes(directory, storage);
                break;
            default:
                UseVersionedBytes(directory, storage);
                break;
        }
    }

    private static StateMap<long, CheckedValue> WriteWide(string directory)
    {
        StateMap<long, CheckedValue> map =
            StateMap.Open<long, CheckedValue>(directory, new MapOptions { InitialCapacity = 0, Writers = MapWriters.Many });
        for (long key = 0; key < WideEntries; key++)
        {
            map.Put(key, CheckedValue.Of(key));
        }

        map.SetUserWord(0, Word);
        return map;
    }

    private static StateMap<long, long> WriteNumbers(string directory, MapWriters writers, bool isMoving)
    {
        StateMap<long, long> map = StateMap.Open<long, long>(directory, new MapOptions { InitialCapacity = 0, Writers = writers });
        for (long key = 0; key < Entries || IsMigrating(directory) != isMoving; key++)
        {
            Assert.True(key < 20 * Entries);
            map.Put(key, key);
        }

        map.SetUserWord(0, Word);
        return map;
    }

    // Writes a map whose odd keys expire after a second, by a clock that does not advance before they are read.
    private VersionedMap<long, long> WriteVersions(string directory, MapWriters writers, bool isMoving)
    {
        VersionedMap<long, long> map =
            VersionedMap.Open<long, long>(directory, new MapOptions { InitialCapacity = 0, Writers = writers, Clock = _clock });
        for (long key = 0; key < Entries || IsMigrating(directory) != isMoving; key++)
        {
            Assert.True(key < 20 * Entries);
            map.Put(key, key, key % 2 == 0 ? null : s_second);
        }

        map.SetUserWord(0, Word);
        return map;
    }

    private static ByteMap WriteBytes(string directory)
    {
        ByteMap map = ByteMap.Open(directory, ByteScript.Options);
        for (long operation = 1; operation <= Operations; operation++)
        {
            ByteScript.Apply(map, operation);
        }

        map.SetUserWord(0, Word);
        return map;
    }

    private VersionedByteMap WriteVersionedBytes(string directory)
    {
        VersionedByteMap map = VersionedByteMap.Open(directory, ByteScript.Options with { Clock = _clock });
        for (long key = 0; key < Entries; key++)
        {
            map.Put(ByteScript.KeyOf(key), ByteScript.ValueOf(key), key % 2 == 0 ? null : s_second);
        }

        map.SetUserWord(0, Word);
        return map;
    }

    private static bool IsMigrating(string directory)
    {
        using MemoryRegion meta = FileStorage.Instance.OpenRegion(Path.Combine(directory, MapFormat.MetaFile), RegionAccess.ReadOnly);
        return MapState.IsMigrating(meta.All.ReadInt64(MetaLayout.State), MapFormat.Version);
    }

    private static void Reboot(string directory)
    {
        using MemoryRegion meta = FileStorage.Instance.OpenRegion(Path.Combine(directory, MapFormat.MetaFile), RegionAccess.ReadWrite);
        Assert.Equal(MetaLayout.StateOpen, meta.All.ReadInt64(MetaLayout.WriterState));
        meta.All.WriteInt64(MetaLayout.BootId, 4711);
    }

    private static void DieInTheMiddleOfAValue(string directory)
    {
        using DeadWriter<long, CheckedValue> dead = new(directory);
        (long bucket, int slot) = dead.Find(Key);
        long stripe = dead.StripeOf(bucket);
        dead.LockOf(stripe) = OwnerWord.Of(200, 0);
        long busy = ControlWord.BeginValue(dead.ControlOf(bucket));
        dead.JournalOf(stripe).BeginValue(bucket, slot, busy, in dead.ValueOf(bucket, slot));
        dead.ControlOf(bucket) = busy;
        dead.ValueOf(bucket, slot) = default;
    }

    private static void DieWithLocks(string directory)
    {
        long generation;
        using (MemoryRegion meta = FileStorage.Instance.OpenRegion(Path.Combine(directory, MapFormat.MetaFile), RegionAccess.ReadOnly))
        {
            generation = MapState.GenerationOf(meta.All.ReadInt64(MetaLayout.State), MapFormat.Version);
        }

        using DeadWriter<long, long> dead = new(directory, generation);
        for (long stripe = 0; stripe < dead.StripeCount; stripe++)
        {
            dead.LockOf(stripe) = OwnerWord.Of(200, 0);
        }
    }

    private static void UseNumbers<TValue>(string directory, IStorage storage, Func<long, TValue> make, Func<TValue, long> read)
        where TValue : unmanaged
    {
        using StateMap<long, TValue> map =
            StateMap.OpenReadOnly<long, TValue>(directory, new MapOptions { Storage = storage, Prefault = true });
        Assert.True(map.IsReadOnly);
        Assert.Equal(map.CountByEnumeration(), map.Count);
        Assert.InRange(map.Count, WideEntries, map.Capacity);
        long[] keys = [.. Enumerable.Range(0, (int)map.Count).Select(key => (long)key)];
        var values = new TValue[keys.Length];
        bool[] found = new bool[keys.Length];
        Assert.Equal(keys.Length, map.GetMany(keys, values, found));
        Assert.Equal(keys, values.Select(read));
        int some = Math.Min(keys.Length, StateMap.MaxBatchKeys);
        values.AsSpan().Clear();
        Assert.True(map.TryGetTogether(keys.AsSpan(0, some), values, found));
        Assert.Equal(keys.Take(some), values.Take(some).Select(read));
        Assert.All(keys, key => Assert.True(map.TryGet(key, out TValue value) && read(value) == key && map.ContainsKey(key)));
        Assert.All(map, pair => Assert.Equal(pair.Key, read(pair.Value)));
        Assert.Equal(Word, map.UserWord(0));
        Assert.Equal(map.Count, map.GetStatistics().Entries);
        _ = map.HostCrashed;
        AssertRefused(() => map.Put(Key, make(2)), () => map.Remove(Key), map.Clear, () => map.SetUserWord(0, 1),
            () => map.CreateSnapshot(), () => map.LendSnapshot(), () => map.CreateBatch());
        Assert.False(map.TryBorrowSnapshot(out _));
    }

    private void UseVersions(string directory, IStorage storage)
    {
        ManualClock later = Later();
        using VersionedMap<long, long> map =
            VersionedMap.OpenReadOnly<long, long>(directory, new MapOptions { Storage = storage, Clock = later });
        Assert.True(map.IsReadOnly);
        VersionedEntry<long, long>[] shown = [.. map];
        Assert.Equal((map.Count + 1) / 2, shown.LongLength);
        Assert.All(shown,
            entry => Assert.True(entry.Key % 2 == 0 && entry.Value == entry.Key && entry.Version > 0 && entry.ExpiresAt == 0,
                $"key {entry.Key}"));
        Assert.All(shown,
            entry => Assert.True(map.TryGetEntry(entry.Key, out VersionedEntry<long, long> same) && same == entry, $"key {entry.Key}"));
        Assert.False(map.ContainsKey(1) || map.TryGet(3, out _) || map.TryGet(5, out _, out _));
        Assert.Equal(Word, map.UserWord(0));
        Assert.Equal(map.Count, map.GetStatistics().Entries);
        AssertRefused(() => map.Put(0, 1), () => map.Remove(0), () => map.Touch(0, s_second), () => map.RemoveExpired(), map.Clear,
            () => map.CreateSnapshot(), () => map.CreateBatch());
    }

    private static void UseBytes(string directory, IStorage storage)
    {
        Dictionary<long, long> model = [];
        for (long operation = 1; operation <= Operations; operation++)
        {
            OperationScript.Apply(model, operation);
        }

        using ByteMap map = ByteMap.OpenReadOnly(directory, new ByteMapOptions { Storage = storage });
        Assert.True(map.IsReadOnly);
        Assert.Equal(model.Count, map.Count);
        foreach ((long number, long operation) in model)
        {
            byte[] key = ByteScript.KeyOf(number);
            byte[] expected = ByteScript.ValueOf(operation);
            byte[] buffer = new byte[expected.Length];
            var written = new ArrayBufferWriter<byte>();
            Assert.True(map.TryGet(key, out byte[]? value) && map.TryGet(key, buffer, out _).IsOk && map.TryGet(key, written)
                && map.ContainsKey(key), $"key {number}");
            Assert.True(value.AsSpan().SequenceEqual(expected) && buffer.AsSpan().SequenceEqual(expected)
                && written.WrittenSpan.SequenceEqual(expected), $"key {number}");
        }

        int entries = 0;
        foreach (ByteMapEntry entry in map)
        {
            Assert.True(ByteScript.IsRight(entry.Key, entry.Value));
            entries++;
        }

        Assert.Equal(model.Count, entries);
        Assert.Equal(Word, map.UserWord(0));
        _ = map.GetStatistics();
        _ = map.HostCrashed;
        AssertRefused(() => map.Put("a"u8, "b"u8), () => map.Remove("a"u8), map.Clear, map.Compact, () => map.CreateSnapshot(),
            () => map.CreateBatch());
    }

    private void UseVersionedBytes(string directory, IStorage storage)
    {
        using VersionedByteMap map = VersionedByteMap.OpenReadOnly(directory, new ByteMapOptions { Storage = storage, Clock = Later() });
        Assert.True(map.IsReadOnly);
        Assert.Equal(Entries, map.Count);
        for (long number = 0; number < Entries; number++)
        {
            byte[] key = ByteScript.KeyOf(number);
            bool isThere = map.TryGet(key, out byte[]? value, out long version);
            Assert.Equal(number % 2 == 0, isThere);
            Assert.Equal((isThere, isThere), (map.ContainsKey(key), map.TryGetVersion(key, out long same, out _)));
            Assert.Equal(version, same);
            Assert.True(isThere ? value.AsSpan().SequenceEqual(ByteScript.ValueOf(number)) : value is null, $"key {number}");
        }

        int entries = 0;
        foreach (VersionedByteMapEntry entry in map)
        {
            Assert.True(entry.Value.SequenceEqual(ByteScript.ValueOf(BitConverter.ToInt64(entry.Key))));
            entries++;
        }

        Assert.Equal(Entries / 2, entries);
        Assert.Equal(Word, map.UserWord(0));
        _ = map.GetStatistics();
        AssertRefused(() => map.Put("a"u8, "b"u8), () => map.Remove("a"u8), () => map.RemoveExpired(), map.Clear, map.Compact,
            () => map.CreateSnapshot(), () => map.CreateBatch());
    }

    private ManualClock Later() => new(_clock.UtcNanos + (10 * s_second.Ticks * TimeSpan.NanosecondsPerTick));

    private static void AssertRefused(params Action[] writes) =>
        Assert.All(writes, write => Assert.Throws<InvalidOperationException>(write));

    private static Dictionary<string, (DateTime Written, string Content)> FilesOf(string directory) =>
        Directory.EnumerateFileSystemEntries(directory, "*", SearchOption.AllDirectories).ToDictionary(
            entry => entry,
            entry => (File.GetLastWriteTimeUtc(entry), Directory.Exists(entry)
                ? "" : Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(entry)))));
}
