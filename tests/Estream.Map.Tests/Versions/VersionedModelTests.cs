using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Map.Tests;

/// <summary>
/// Random operations on a versioned map with times to live and on a dictionary, which must agree after each operation. The clock advances
/// and jumps; there are closing, crashes, clearing, growth from the smallest size, and one writer or two at a time. A failure prints the
/// shrunk list of operations.
/// </summary>
public sealed class VersionedModelTests
{
    private const int Keys = 300;

    [Property(40, 300, EndSize = 1_500, LongEndSize = 2_500, Arbitrary = [typeof(Operations)])]
    public void A_versioned_map_of_one_writer_agrees_with_a_dictionary(Operation[] operations) => Check(operations, MapWriters.One);

    [Property(40, 300, EndSize = 1_500, LongEndSize = 2_500, Arbitrary = [typeof(Operations)])]
    public void A_versioned_map_of_several_writers_agrees_with_a_dictionary(Operation[] operations) => Check(operations, MapWriters.Many);

    private static void Check(Operation[] operations, MapWriters writers)
    {
        using Run run = new(writers);
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
        Jump,
        Sweep,
        Update,
        Snapshot,
        Reopen,
        Kill,
        Clear,
    }

    /// <summary>One operation.</summary>
    public readonly record struct Operation(Verb Verb, int Key, int Number);

    private sealed class Run : IDisposable
    {
        private readonly TempDirectory _directory = new();
        private readonly ManualClock _clock = new();
        private readonly KillableStorage _storage = new();
        private readonly MapOptions _options;
        private readonly VersionedMap<int, Guid>?[] _maps;
        private readonly Dictionary<int, VersionedEntry<int, Guid>> _model = [];
        private readonly List<(VersionedMapSnapshot<int, Guid> Snapshot, VersionedEntry<int, Guid>[] Entries)> _snapshots = [];
        private readonly long[] _highest = new long[Keys];
        private int _turn;

        public Run(MapWriters writers)
        {
            _options = new MapOptions { InitialCapacity = 0, Writers = writers, Clock = _clock, Storage = _storage };
            _maps = new VersionedMap<int, Guid>?[writers == MapWriters.One ? 1 : 2];
        }

        private VersionedMap<int, Guid> Map => _maps[_turn % _maps.Length] ??= VersionedMap.Open<int, Guid>(_directory.Path, _options);

        public void All(Operation[] operations)
        {
            foreach (Operation operation in operations)
            {
                _turn++;
                Apply(operation, operation.Key, TimeSpan.FromTicks(operation.Number + 1));
                Assert.Equal(Known(operation.Key, out VersionedEntry<int, Guid> known),
                    Map.TryGetEntry(operation.Key, out VersionedEntry<int, Guid> found));
                Assert.Equal(known, found);
                Assert.True(Map.Count >= Shown().Count());
            }

            Assert.Equal(Shown().OrderBy(entry => entry.Key), Map.OrderBy(entry => entry.Key));
            _snapshots.ForEach(Check);
            Map.RemoveExpired();
            Assert.Equal(Shown().Count(), Map.Count);
        }

        public void Dispose()
        {
            _snapshots.ForEach(taken => taken.Snapshot.Dispose());
            Array.ForEach(_maps, map => map?.Dispose());
            _directory.Dispose();
        }

        private void Apply(Operation operation, int key, TimeSpan time)
        {
            switch (operation.Verb)
            {
                case Verb.Put:
                    Stored(key, operation.Number, Map.Put(key, ValueOf(operation.Number)), 0);
                    break;
                case Verb.PutForAWhile:
                    Stored(key, operation.Number, Map.Put(key, ValueOf(operation.Number), time), _clock.UtcNanos + (time.Ticks * 100));
                    break;
                case Verb.Exchange:
                    Exchange(key, operation.Number);
                    break;
                case Verb.Remove:
                    Assert.Equal(Known(key, out _), Map.Remove(key));
                    _model.Remove(key);
                    break;
                case Verb.RemoveIf:
                    RemoveIf(key, operation.Number);
                    break;
                case Verb.Touch:
                    Touch(key, time);
                    break;
                case Verb.Update:
                    Update(key, operation.Number);
                    break;
                case Verb.Pass:
                    _clock.Pass(time);
                    break;
                case Verb.Jump:
                    _clock.Pass(operation.Number % 2 == 0 ? time * 20 : -time);
                    ForgetWhatMayBeGone();
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
                    Map.RemoveExpired();
                    break;
                case Verb.Snapshot:
                    _snapshots.Add((Map.CreateSnapshot(), [.. Shown().OrderBy(entry => entry.Key)]));
                    break;
                case Verb.Clear:
                    Map.Clear();
                    _model.Clear();
                    break;
                case Verb.Reopen:
                    Array.ForEach(_maps, map => map?.Dispose());
                    Array.Clear(_maps);
                    break;
                case Verb.Kill:
                    _storage.Kill();
                    Array.Clear(_maps);
                    break;
            }
        }

        private void Exchange(int key, int number)
        {
            bool isThere = Known(key, out VersionedEntry<int, Guid> known);
            bool isRight = number % 3 != 0;
            long expected = isRight ? known.Version : _highest[key] + 1;
            Assert.Equal(isRight, Map.CompareExchange(key, expected, ValueOf(number), out long version));
            if (isRight)
            {
                Stored(key, number, version, 0);
            }
            else
            {
                Assert.Equal(isThere ? known.Version : 0, version);
            }
        }

        // Removes a key with the current version, or with the highest version the key ever had, which is current only if the entry is
        // present.
        private void RemoveIf(int key, int number)
        {
            bool isThere = Known(key, out VersionedEntry<int, Guid> known);
            long expected = Math.Max(1, number % 2 == 0 ? known.Version : _highest[key]);
            bool isRight = isThere && expected == known.Version;
            Assert.Equal(isRight, Map.Remove(key, expected));
            if (isRight)
            {
                _model.Remove(key);
            }
        }

        private void Update(int key, int number)
        {
            bool isThere = Known(key, out VersionedEntry<int, Guid> known);
            EntryChange answer = (EntryChange)(number % 3);
            FixedAnswer<Guid> update = new(answer, ValueOf(number));
            EntryChange done = Map.Update(key, ref update, out long version);
            Assert.Equal(answer == EntryChange.Remove && !isThere ? EntryChange.Keep : answer, done);
            Assert.Equal((isThere, known.Value), (update.WasThere, update.Saw));
            switch (done)
            {
                case EntryChange.Put:
                    Stored(key, number, version, 0);
                    break;
                case EntryChange.Remove:
                    _model.Remove(key);
                    break;
                default:
                    Assert.Equal(known.Version, version);
                    break;
            }
        }

        private static void Check((VersionedMapSnapshot<int, Guid> Snapshot, VersionedEntry<int, Guid>[] Entries) taken)
        {
            using OrderedVersionedSnapshot<int, Guid> ordered = taken.Snapshot.OrderByKey();
            Assert.Equal(taken.Entries, ordered);
            Assert.Equal(taken.Entries, taken.Snapshot.OrderBy(entry => entry.Key));
            Assert.Equal(taken.Entries.Length, taken.Snapshot.Count);
        }

        private void Touch(int key, TimeSpan time)
        {
            bool isThere = Known(key, out VersionedEntry<int, Guid> known);
            Assert.Equal(isThere, Map.Touch(key, time));
            if (isThere)
            {
                _model[key] = known with { ExpiresAt = _clock.UtcNanos + (time.Ticks * 100) };
            }
        }

        private void Stored(int key, int number, long version, long expiresAt)
        {
            Assert.True(version > _highest[key], $"key {key} had version {_highest[key]} and got {version}");
            _highest[key] = version;
            _model[key] = new VersionedEntry<int, Guid>(key, ValueOf(number), version, expiresAt);
        }

        // After the clock was set back, the map returns an expired entry again, unless the entry was removed. The model follows the map
        // once.
        private void ForgetWhatMayBeGone()
        {
            foreach (VersionedEntry<int, Guid> entry in Shown().Where(entry => entry.ExpiresAt != 0 && !Map.ContainsKey(entry.Key))
                .ToArray())
            {
                _model.Remove(entry.Key);
            }
        }

        private bool Known(int key, out VersionedEntry<int, Guid> entry)
        {
            bool isThere = _model.TryGetValue(key, out entry) && IsShown(entry);
            entry = isThere ? entry : default;
            return isThere;
        }

        private IEnumerable<VersionedEntry<int, Guid>> Shown() => _model.Values.Where(IsShown);

        private bool IsShown(VersionedEntry<int, Guid> entry) => entry.ExpiresAt == 0 || entry.ExpiresAt > _clock.UtcNanos;

        private static Guid ValueOf(int number) => new(number, 0, 0, new byte[8]);
    }

    /// <summary>Operations in the mix described by the class; a failing list is shrunk by halves.</summary>
    public static class Operations
    {
        /// <summary>A list of operations.</summary>
        public static Arbitrary<Operation[]> All()
        {
            Gen<Verb> verb = Gen.Frequency(
                (30, Gen.Constant(Verb.Put)),
                (30, Gen.Constant(Verb.PutForAWhile)),
                (15, Gen.Constant(Verb.Exchange)),
                (10, Gen.Constant(Verb.Remove)),
                (5, Gen.Constant(Verb.RemoveIf)),
                (5, Gen.Constant(Verb.Touch)),
                (10, Gen.Constant(Verb.Pass)),
                (1, Gen.Constant(Verb.Jump)),
                (1, Gen.Constant(Verb.Sweep)),
                (5, Gen.Constant(Verb.Update)),
                (1, Gen.Constant(Verb.Snapshot)),
                (1, Gen.Constant(Verb.Reopen)),
                (1, Gen.Constant(Verb.Kill)),
                (1, Gen.Constant(Verb.Clear)));
            Gen<Operation> operation =
                from v in verb
                from key in Gen.Choose(0, Keys - 1)
                from number in Gen.Choose(0, 100)
                select new Operation(v, key, number);
            return Arb.From(operation.ArrayOf(), ModelTests.ShrinkByHalves);
        }
    }
}
