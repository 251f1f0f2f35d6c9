using Estream.Core;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Map.Tests;

/// <summary>
/// Random operations on a versioned byte map with times to live and a change feed, and on a dictionary, which must agree after each
/// operation. There are a running clock, colliding keys, files released all the time, closing, crashes, a sink that refuses events it has
/// stored, and snapshots. At the end, replaying the events yields the map.
/// </summary>
public sealed class VersionedByteModelTests
{
    private const int Keys = 60;

    private static readonly int[] s_lengths = [0, 1, 7, 8, 100, 600, 3_000, 9_000];
    private static readonly ByteMapOptions s_sameHash = new() { InitialCapacity = 0, SegmentBytes = 4096, HashMask = 0x3 };

    [Property(40, 300, EndSize = 1_000, LongEndSize = 2_500, Arbitrary = [typeof(Operations)])]
    public void A_versioned_byte_map_agrees_with_a_dictionary(Operation[] operations) =>
        Check(operations, new ByteMapOptions { InitialCapacity = 0, SegmentBytes = 8192 });

    [Property(40, 300, EndSize = 1_000, LongEndSize = 2_500, Arbitrary = [typeof(Operations)])]
    public void A_versioned_byte_map_agrees_with_a_dictionary_when_keys_have_the_same_hash(Operation[] operations) =>
        Check(operations, s_sameHash);

    [Property(40, 300, EndSize = 1_000, LongEndSize = 2_500, Arbitrary = [typeof(Operations)])]
    public void An_encrypted_versioned_byte_map_agrees_with_a_dictionary(Operation[] operations) =>
        Check(operations, s_sameHash with { Keys = TestRing.Shared });

    // Whether the position of the collision lists matters depends on the hash key, which is random for each map. It matters in one map of
    // five.
    [Fact]
    public void A_compaction_interrupted_by_a_snapshot_moves_the_current_bundles()
    {
        Operation[] operations =
        [
            new(Verb.Put, 31, 16), new(Verb.Put, 29, 13), new(Verb.PutForAWhile, 33, 1), new(Verb.Put, 7, 3), new(Verb.Pass, 34, 1),
            new(Verb.Put, 44, 12), new(Verb.Exchange, 24, 8), new(Verb.Exchange, 19, 6), new(Verb.Put, 35, 6), new(Verb.RemoveIf, 22, 7),
            new(Verb.PutForAWhile, 8, 6), new(Verb.Put, 19, 5), new(Verb.Put, 25, 15), new(Verb.Put, 20, 5), new(Verb.PutForAWhile, 23, 2),
            new(Verb.Put, 27, 16), new(Verb.PutForAWhile, 9, 0), new(Verb.Put, 59, 10), new(Verb.Put, 24, 2), new(Verb.Refuse, 35, 13),
            new(Verb.Put, 19, 4), new(Verb.Remove, 8, 6), new(Verb.Remove, 46, 13), new(Verb.Touch, 24, 10), new(Verb.Put, 0, 0),
            new(Verb.Put, 37, 1), new(Verb.Put, 48, 14), new(Verb.Exchange, 33, 5), new(Verb.Sweep, 16, 7), new(Verb.Put, 7, 11),
            new(Verb.Put, 45, 1), new(Verb.Put, 32, 13), new(Verb.Put, 22, 9), new(Verb.Exchange, 19, 11), new(Verb.Remove, 48, 8),
            new(Verb.Pass, 47, 14), new(Verb.PutForAWhile, 0, 16), new(Verb.PutForAWhile, 43, 2), new(Verb.Exchange, 15, 4),
            new(Verb.Snapshot, 37, 15),
            new(Verb.Put, 32, 2), new(Verb.Exchange, 30, 12), new(Verb.Put, 57, 6), new(Verb.Pass, 31, 8), new(Verb.Put, 6, 15),
            new(Verb.Exchange, 20, 11),
        ];
        for (int times = 0; times < 64; times++)
        {
            using Run run = new(s_sameHash);
            run.All(operations);
        }
    }

    private static void Check(Operation[] operations, ByteMapOptions options)
    {
        using Run run = new(options);
        run.All(operations);
    }

    /// <summary>The kind of an operation.</summary>
    public enum Verb
    {
        Put,
        PutForAWhile,
        Exchange,
        Remove,
        RemoveIf,
        Touch,
        Pass,
        Refuse,
        Sweep,
        Compact,
        Snapshot,
        Reopen,
        Kill,
        Clear,
    }

    /// <summary>One operation.</summary>
    public readonly record struct Operation(Verb Verb, int Key, int Number);

    private sealed class Run : IDisposable
    {
        private readonly TempDirectory _directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);
        private readonly ManualClock _clock = new();
        private readonly KillableStorage _storage = new();
        private readonly RecordingSink _sink = new();
        private readonly ByteMapOptions _options;
        private readonly Dictionary<string, ByteEntry> _model = [];
        private readonly long[] _highest = new long[Keys];
        private readonly List<(VersionedByteMapSnapshot Snapshot, ByteEntry[] Entries)> _snapshots = [];
        private VersionedByteMap _map;

        public Run(ByteMapOptions options)
        {
            _options = options with { Clock = _clock, Storage = _storage, Changes = _sink };
            _map = VersionedByteMap.Open(_directory.Path, _options);
        }

        public void All(Operation[] operations)
        {
            foreach (Operation operation in operations)
            {
                Apply(operation, KeyOf(operation.Key), TimeSpan.FromTicks(operation.Number + 1));
                ByteEntry? known = Known(operation.Key);
                Assert.Equal(known is not null, _map.TryGet(KeyOf(operation.Key), out byte[]? value, out long version));
                Assert.Equal(known?.Version ?? 0, version);
                Assert.Equal(known?.Value, value is null ? null : Convert.ToHexString(value));
                Assert.True(_map.Count >= Shown().Length);
            }

            Assert.Equal(Shown(), _map.Entries());
            using (VersionedByteMap reader = VersionedByteMap.OpenReadOnly(_directory.Path, _options))
            {
                Assert.Equal(Shown(), reader.Entries());
            }

            CheckSnapshots();
            _map.RemoveExpired();
            Assert.Equal(Shown().Length, _map.Count);
            _map.Put("last"u8, default);
            Assert.Equal(_map.Entries(), _sink.ReplayBytes());
        }

        public void Dispose()
        {
            _map.Dispose();
            _directory.Dispose();
        }

        private void Apply(Operation operation, byte[] key, TimeSpan time)
        {
            byte[] value = ValueOf(operation.Number);
            switch (operation.Verb)
            {
                case Verb.Put:
                    Stored(operation.Key, value, _map.Put(key, value), 0);
                    break;
                case Verb.PutForAWhile:
                    Stored(operation.Key, value, _map.Put(key, value, time), _clock.UtcNanos + (time.Ticks * 100));
                    break;
                case Verb.Exchange:
                    Exchange(operation.Key, operation.Number);
                    break;
                case Verb.Remove:
                    Assert.Equal(Known(operation.Key) is not null, _map.Remove(key));
                    _model.Remove(NameOf(operation.Key));
                    break;
                case Verb.RemoveIf:
                    RemoveIf(operation.Key, operation.Number);
                    break;
                case Verb.Touch:
                    Touch(operation.Key, time);
                    break;
                case Verb.Pass:
                    _clock.Pass(time);
                    break;
                case Verb.Refuse:
                    _sink.IsRefusing = _sink.IsKeeping = true;
                    Assert.Throws<TimeoutException>(() => _map.Put(key, value));
                    _sink.IsRefusing = _sink.IsKeeping = false;
                    break;
                default:
                    ApplyToAll(operation.Verb);
                    break;
            }
        }

        private void ApplyToAll(Verb verb)
        {
            switch (verb)
            {
                case Verb.Sweep:
                    _map.RemoveExpired();
                    break;
                case Verb.Compact:
                    _map.Compact();
                    break;
                case Verb.Clear:
                    _map.Clear();
                    _model.Clear();
                    break;
                case Verb.Snapshot:
                    _snapshots.Add((_map.CreateSnapshot(), Shown()));
                    break;
                case Verb.Reopen:
                    CheckSnapshots();
                    _map.Dispose();
                    _map = VersionedByteMap.Open(_directory.Path, _options);
                    break;
                case Verb.Kill:
                    CheckSnapshots();
                    _storage.Kill();
                    _map = VersionedByteMap.Open(_directory.Path, _options);
                    break;
            }
        }

        private void Exchange(int key, int number)
        {
            ByteEntry? known = Known(key);
            bool isRight = number % 3 != 0;
            long expected = isRight ? known?.Version ?? 0 : _highest[key] + 1;
            byte[] value = ValueOf(number + 1);
            Assert.Equal(isRight, _map.CompareExchange(KeyOf(key), expected, value, out long version));
            if (isRight)
            {
                Stored(key, value, version, 0);
            }
            else
            {
                Assert.Equal(known?.Version ?? 0, version);
            }
        }

        private void RemoveIf(int key, int number)
        {
            ByteEntry? known = Known(key);
            long expected = Math.Max(1, number % 2 == 0 ? known?.Version ?? 0 : _highest[key]);
            bool isRight = known is not null && expected == known.Version;
            Assert.Equal(isRight, _map.Remove(KeyOf(key), expected));
            if (isRight)
            {
                _model.Remove(NameOf(key));
            }
        }

        private void Touch(int key, TimeSpan time)
        {
            ByteEntry? known = Known(key);
            Assert.Equal(known is not null, _map.Touch(KeyOf(key), time));
            if (known is not null)
            {
                _model[NameOf(key)] = known with { ExpiresAt = _clock.UtcNanos + (time.Ticks * 100) };
            }
        }

        private void Stored(int key, byte[] value, long version, long expiresAt)
        {
            Assert.True(version > _highest[key], $"key {key} had version {_highest[key]} and got {version}");
            _highest[key] = version;
            _model[NameOf(key)] = new ByteEntry(NameOf(key), Convert.ToHexString(value), version, expiresAt);
        }

        // Checks and disposes all snapshots, which would end with the map.
        private void CheckSnapshots()
        {
            foreach ((VersionedByteMapSnapshot snapshot, ByteEntry[] entries) in _snapshots)
            {
                using OrderedVersionedByteMapSnapshot ordered = snapshot.OrderByKey();
                Assert.Equal(entries.Length, ordered.Count);
                Assert.Equal(entries.Length, snapshot.Count);
                Assert.Equal(entries, snapshot.Entries());
                Assert.All(entries,
                    entry => Assert.True(snapshot.TryGet(Convert.FromHexString(entry.Key), out byte[]? value, out long version)
                    && version == entry.Version && Convert.ToHexString(value) == entry.Value));
                snapshot.Dispose();
            }

            _snapshots.Clear();
        }

        private ByteEntry? Known(int key) => _model.TryGetValue(NameOf(key), out ByteEntry? entry) && IsShown(entry) ? entry : null;

        private ByteEntry[] Shown() => [.. _model.Values.Where(IsShown).OrderBy(entry => entry.Key, StringComparer.Ordinal)];

        private bool IsShown(ByteEntry entry) => entry.ExpiresAt == 0 || entry.ExpiresAt > _clock.UtcNanos;

        private static string NameOf(int key) => Convert.ToHexString(KeyOf(key));

        private static byte[] KeyOf(int number) => [.. Enumerable.Repeat((byte)number, number)];

        private static byte[] ValueOf(int number) => [.. Enumerable.Repeat((byte)(number * 31), s_lengths[number % s_lengths.Length])];
    }

    /// <summary>Operations in the mix described by the class; a failing list is shrunk by halves.</summary>
    public static class Operations
    {
        /// <summary>A list of operations.</summary>
        public static Arbitrary<Operation[]> All()
        {
            Gen<Verb> verb = Gen.Frequency(
                (30, Gen.Constant(Verb.Put)),
                (25, Gen.Constant(Verb.PutForAWhile)),
                (15, Gen.Constant(Verb.Exchange)),
                (10, Gen.Constant(Verb.Remove)),
                (5, Gen.Constant(Verb.RemoveIf)),
                (5, Gen.Constant(Verb.Touch)),
                (10, Gen.Constant(Verb.Pass)),
                (3, Gen.Constant(Verb.Refuse)),
                (1, Gen.Constant(Verb.Sweep)),
                (1, Gen.Constant(Verb.Compact)),
                (1, Gen.Constant(Verb.Snapshot)),
                (1, Gen.Constant(Verb.Reopen)),
                (1, Gen.Constant(Verb.Kill)),
                (1, Gen.Constant(Verb.Clear)));
            Gen<Operation> operation =
                from v in verb
                from key in Gen.Choose(0, Keys - 1)
                from number in Gen.Choose(0, s_lengths.Length * 2)
                select new Operation(v, key, number);
            return Arb.From(operation.ArrayOf(), ModelTests.ShrinkByHalves);
        }
    }
}
