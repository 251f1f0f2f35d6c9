using System.Diagnostics;
using Estream.Core;
using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Snapshots are ordered while others write: entries are in the order of their keys, with the content at the moment of the
/// snapshot.</summary>
public sealed class OrderedWhileWrittenTests : IDisposable
{
    private const int Keys = 700;
    private const int OwnWriter = 2;
    private const int OperationsBetween = 60;

    private static readonly int s_snapshots = LongRun.Count(10, 300);

    private readonly TempDirectory _directory = new();

    private string MapDirectory => _directory.Combine("map");

    private string Acknowledgements => _directory.Combine("acknowledgements");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Ordering_is_consistent_while_two_processes_write_numbers() => OrderBesideProcesses("words", mark => mark, value => value);

    [Fact]
    public void Ordering_is_consistent_while_two_processes_write_wide_values() =>
        OrderBesideProcesses("wide", CheckedValue.Of, value => value.IsWhole ? value.Operation : -1);

    /// <summary>Another writer counts: it stores number n under key n modulo the number of keys, and gives every third entry a time to live
    /// of an hour. No snapshot has a gap in the count.</summary>
    [Fact]
    public async Task Ordering_is_consistent_while_another_writer_counts_in_versioned_entries()
    {
        using VersionedMap<long, long> counting = OpenVersioned();
        using VersionedMap<long, long> taking = OpenVersioned();
        using CancellationTokenSource end = new();
        Task count = Task.Factory.StartNew(() => Count(counting, end.Token), TaskCreationOptions.LongRunning);
        long version = 0;
        try
        {
            for (int turn = 0; turn < s_snapshots; turn++)
            {
                version = taking.Put(-1, turn);
                using VersionedMapSnapshot<long, long> snapshot = taking.CreateSnapshot();
                using OrderedVersionedSnapshot<long, long> ordered = snapshot.OrderByKey();
                taking.Put(-1, -turn);
                AssertIsCount(snapshot, ordered);
                Assert.Equal((-1L, (long)turn, version), (ordered[0].Key, ordered[0].Value, ordered[0].Version));
            }
        }
        finally
        {
            await end.CancelAsync();
        }

        await count;
    }

    [Fact]
    public async Task Ordering_is_consistent_while_the_writer_of_a_byte_map_continues()
    {
        using ByteMap map = ByteMap.Open(MapDirectory, ByteScript.Options);
        Dictionary<long, long> model = [];
        long operation = 0;
        for (int turn = 0; turn < s_snapshots; turn++)
        {
            for (int count = 0; count < 5 * OperationsBetween; count++)
            {
                ByteScript.Apply(map, ++operation);
                OperationScript.Apply(model, operation);
            }

            Dictionary<long, long> expected = new(model);
            using ByteMapSnapshot snapshot = map.CreateSnapshot();
            Assert.Equal(expected.Count, snapshot.Count);
            Task check = Task.Factory.StartNew(() => AssertIsModel(snapshot, expected), TaskCreationOptions.LongRunning);
            while (!check.IsCompleted)
            {
                ByteScript.Apply(map, ++operation);
                OperationScript.Apply(model, operation);
            }

            await check;
        }
    }

    [Fact]
    public async Task Ordering_is_consistent_while_the_writer_of_a_versioned_byte_map_continues()
    {
        using VersionedByteMap map = VersionedByteMap.Open(MapDirectory, ByteScript.Options);
        Dictionary<long, (long Operation, long Version)> model = [];
        long operation = 0;
        for (int turn = 0; turn < s_snapshots; turn++)
        {
            for (int count = 0; count < 5 * OperationsBetween; count++)
            {
                Apply(map, model, ++operation);
            }

            Dictionary<long, (long Operation, long Version)> expected = new(model);
            using VersionedByteMapSnapshot snapshot = map.CreateSnapshot();
            Task check = Task.Factory.StartNew(() => AssertIsModel(snapshot, expected), TaskCreationOptions.LongRunning);
            while (!check.IsCompleted)
            {
                Apply(map, model, ++operation);
            }

            await check;
        }
    }

    // The writer that creates the snapshots writes too, and knows its own keys exactly.
    private void OrderBesideProcesses<TValue>(string kind, Func<long, TValue> make, Func<TValue, long> read)
        where TValue : unmanaged
    {
        using MemoryRegion region = FileStorage.Instance.CreateRegion(Acknowledgements, (OwnWriter + 1) * ManyScript.AcknowledgementBytes);
        using StateMap<long, TValue> map =
            StateMap.Open<long, TValue>(MapDirectory, new MapOptions { InitialCapacity = 0, Writers = MapWriters.Many });
        map.PutMany([.. Enumerable.Range(0, ManyScript.Counters).Select(counter => ManyScript.CounterOf(counter))],
            [.. Enumerable.Repeat(make(0), ManyScript.Counters)]);
        using ChildProcess first = StartWriter(kind, 0);
        using ChildProcess second = StartWriter(kind, 1);
        Eventually.True(() => Done(region.All, 0) > 0 && Done(region.All, 1) > 0, "both of the others write");
        long before = Others();
        long operation = 0;
        long start = Stopwatch.GetTimestamp();

        // On a busy machine the other processes may get no processor during the planned turns, so the turns continue until one writes.
        for (int turn = 0; turn < s_snapshots || (Others() == before && Stopwatch.GetElapsedTime(start) < Eventually.DefaultLimit); turn++)
        {
            for (int count = 0; count < OperationsBetween; count++)
            {
                ManyScript.Do(map, OwnWriter, ++operation, region.All, make, read);
            }

            using MapSnapshot<long, TValue> snapshot = map.CreateSnapshot();
            using OrderedSnapshot<long, TValue> ordered = snapshot.OrderByKey();
            Assert.True(ManyScript.IsImage(snapshot, OwnWriter, operation, read),
                $"the snapshot behind operation {operation} is no image of that moment");
            AssertInOrder(snapshot, ordered, read);
            ManyScript.Do(map, OwnWriter, ++operation, region.All, make, read);
            AssertInOrder(snapshot, ordered, read);
        }

        Assert.False(first.HasExited || second.HasExited, first.Error + second.Error);
        Assert.True(Others() > before, "nobody wrote meanwhile");

        long Others() => Done(region.All, 0) + Done(region.All, 1);
    }

    private static void AssertInOrder<TValue>(MapSnapshot<long, TValue> snapshot, OrderedSnapshot<long, TValue> ordered,
        Func<TValue, long> read)
        where TValue : unmanaged
    {
        long count = 0;
        long before = long.MinValue;
        foreach ((long key, TValue value) in ordered)
        {
            Assert.True(key > before, $"key {key} comes behind {before}");
            Assert.True(ManyScript.IsPossible(key, read(value)), $"key {key} has the value {read(value):X}, which nobody gave it");
            Assert.True(snapshot.TryGet(key, out TValue same) && RawValue.AreEqual(in same, in value),
                $"key {key} was not in the snapshot like that");
            before = key;
            count++;
        }

        Assert.Equal((snapshot.Count, snapshot.Count), (count, (long)ordered.Count));
    }

    private static long SlotOf(long number) => number % Keys;

    private static void Count(VersionedMap<long, long> map, CancellationToken end)
    {
        for (long number = 1; !end.IsCancellationRequested; number++)
        {
            map.Put(SlotOf(number), number, number % 3 == 0 ? TimeSpan.FromHours(1) : null);
        }
    }

    private static void AssertIsCount(VersionedMapSnapshot<long, long> snapshot, OrderedVersionedSnapshot<long, long> ordered)
    {
        VersionedEntry<long, long>[] entries = [.. ordered];
        Assert.Equal(entries.Select(entry => entry.Key).Order(), entries.Select(entry => entry.Key));
        Assert.Equal(snapshot.Count, entries.LongLength);
        Assert.All(entries,
            entry => Assert.True(snapshot.TryGetEntry(entry.Key, out VersionedEntry<long, long> same) && same == entry,
                $"key {entry.Key}"));
        long newest = entries.Where(entry => entry.Key >= 0).Select(entry => entry.Value).DefaultIfEmpty(0).Max();
        IEnumerable<long> counted = entries.Where(entry => entry.Key >= 0).Select(entry => entry.Value).Order();
        Assert.Equal(Enumerable.Range(0, (int)Math.Min(newest, Keys)).Select(back => newest - back).Order(), counted);
    }

    private static void Apply(VersionedByteMap map, Dictionary<long, (long Operation, long Version)> model, long operation)
    {
        long number = OperationScript.KeyOf(operation);
        byte[] key = ByteScript.KeyOf(number);
        switch (OperationScript.KindOf(operation))
        {
            case OperationKind.Put:
                model[number] = (operation, map.Put(key, ByteScript.ValueOf(operation), operation % 3 == 0 ? TimeSpan.FromHours(1) : null));
                break;
            case OperationKind.Remove:
                map.Remove(key);
                model.Remove(number);
                break;
            default:
                map.Clear();
                model.Clear();
                break;
        }
    }

    private static void AssertIsModel(ByteMapSnapshot snapshot, Dictionary<long, long> expected)
    {
        using OrderedByteMapSnapshot ordered = snapshot.OrderByKey();
        int count = 0;
        byte[] before = [];
        foreach (ByteMapEntry entry in ordered)
        {
            AssertNext(entry.Key, entry.Value, ref before, expected[BitConverter.ToInt64(entry.Key)]);
            count++;
        }

        Assert.Equal((expected.Count, expected.Count), (count, ordered.Count));
    }

    private static void AssertIsModel(VersionedByteMapSnapshot snapshot, Dictionary<long, (long Operation, long Version)> expected)
    {
        using OrderedVersionedByteMapSnapshot ordered = snapshot.OrderByKey();
        int count = 0;
        byte[] before = [];
        foreach (VersionedByteMapEntry entry in ordered)
        {
            (long operation, long version) = expected[BitConverter.ToInt64(entry.Key)];
            AssertNext(entry.Key, entry.Value, ref before, operation);
            Assert.Equal(version, entry.Version);
            count++;
        }

        Assert.Equal((expected.Count, expected.Count), (count, ordered.Count));
    }

    private static void AssertNext(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ref byte[] before, long operation)
    {
        Assert.True(before.AsSpan().SequenceCompareTo(key) < 0, "a key does not come behind the one before it");
        Assert.True(key.SequenceEqual(ByteScript.KeyOf(OperationScript.KeyOf(operation)))
            && value.SequenceEqual(ByteScript.ValueOf(operation)), $"operation {operation} put something else");
        before = key.ToArray();
    }

    private ChildProcess StartWriter(string kind, int writer) => ChildProcess.StartDotnet(
        BuiltProgram.Find("tests/Estream.Map.TestProcess", "Estream.Map.TestProcess.dll"),
        ["many-write", kind, MapDirectory, Acknowledgements, $"{writer}"]);

    private static long Done(RegionSpan acknowledgements, int writer) =>
        acknowledgements.ReadInt64Acquire((long)writer * ManyScript.AcknowledgementBytes);

    private VersionedMap<long, long> OpenVersioned() =>
        VersionedMap.Open<long, long>(MapDirectory, new MapOptions { InitialCapacity = 0, Writers = MapWriters.Many });
}
