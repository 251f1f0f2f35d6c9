using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Map.Tests;

/// <summary>
/// Random batches of a byte map with a change feed, with requirements that hold and others that do not, and with a sink that refuses in the
/// middle. Single writes, snapshots, compaction, closing, crashes and clearing run in between. The same operations run on a dictionary.
/// Map, dictionary and, from the next write on, the published events must agree after each step. A failure prints the shrunk list of steps.
/// </summary>
public sealed class ByteMapBatchModelTests
{
    private const int Keys = 90;

    private static readonly int[] s_lengths = [0, 1, 7, 8, 100, 600, 3_000, 9_000];

    [Property(40, 300, EndSize = 300, LongEndSize = 1_000, Arbitrary = [typeof(Operations)])]
    public void Batches_agree_with_a_dictionary(Operation[] operations) => Check(operations, ulong.MaxValue);

    [Property(40, 300, EndSize = 300, LongEndSize = 1_000, Arbitrary = [typeof(Operations)])]
    public void Batches_agree_with_a_dictionary_when_keys_have_the_same_hash(Operation[] operations) => Check(operations, 0x3);

    private static void Check(Operation[] operations, ulong mask)
    {
        using Run run = new(mask);
        run.All(operations);
    }

    /// <summary>The kind of an operation.</summary>
    public enum Verb
    {
        Batch,
        LargeBatch,
        RefusedBatch,
        Put,
        Remove,
        Snapshot,
        Compact,
        Reopen,
        Kill,
        Clear,
    }

    /// <summary>One operation.</summary>
    public readonly record struct Operation(Verb Verb, int Seed);

    private sealed class Run : IDisposable
    {
        private readonly TempDirectory _directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);
        private readonly KillableStorage _storage = new();
        private readonly RecordingSink _sink = new();
        private readonly ByteMapOptions _options;
        private readonly List<(ByteMapSnapshot Snapshot, Dictionary<int, byte[]> Then)> _snapshots = [];
        private Dictionary<int, byte[]> _model = [];
        private ByteMap _map = null!;
        private ByteMapBatch _batch = null!;

        // After a refusal, the feed contains events whose change was not applied, until the next write.
        private bool _isOwing;

        public Run(ulong mask)
        {
            _options = new ByteMapOptions
            {
                InitialCapacity = 0,
                SegmentBytes = 8192,
                HashMask = mask,
                Storage = _storage,
                Changes = _sink,
            };
            Open();
        }

        public void All(Operation[] operations)
        {
            foreach (Operation operation in operations)
            {
                Apply(operation.Verb, new Random(operation.Seed));
                Assert.Equal(_model.Count, _map.Count);
                Assert.True(
                    _model.All(pair => _map.TryGet(KeyOf(pair.Key), out byte[]? value) && value.AsSpan().SequenceEqual(pair.Value)));
                if (!_isOwing)
                {
                    Assert.Equal(_model.Keys.Select(key => Convert.ToHexString(KeyOf(key))).Order(StringComparer.Ordinal),
                        _sink.ReplayBytes().Select(entry => entry.Key).Order(StringComparer.Ordinal));
                }
            }

            AssertSame(_model, _map.ToDictionary());
            Assert.Equal(_map.Count, _map.GetStatistics().Entries);
            _map.Put(KeyOf(0), [0]);
            Dictionary<string, byte[]> told = _sink.ReplayBytes()
                .ToDictionary(entry => entry.Key, entry => Convert.FromHexString(entry.Value));
            AssertSame(_map.ToDictionary(), told);
        }

        public void Dispose()
        {
            CloseSnapshots();
            Close();
            _directory.Dispose();
        }

        private void Apply(Verb verb, Random random)
        {
            int key = random.Next(Keys);
            switch (verb)
            {
                case Verb.Batch:
                    Change(random, random.Next(1, 12));
                    break;
                case Verb.LargeBatch:
                    Change(random, 150);
                    break;
                case Verb.RefusedBatch:
                    ChangeAndBeRefused(random);
                    break;
                case Verb.Put:
                    Assert.Equal(!_model.ContainsKey(key), _map.Put(KeyOf(key), ValueOf(random)));
                    _model[key] = _map.TryGet(KeyOf(key), out byte[]? value) ? value : [];
                    _isOwing = false;
                    break;
                case Verb.Remove:
                    bool isRemoved = _map.Remove(KeyOf(key));
                    Assert.Equal(_model.Remove(key), isRemoved);
                    _isOwing &= !isRemoved;
                    break;
                case Verb.Snapshot:
                    CloseSnapshots();
                    _snapshots.Add((_map.CreateSnapshot(), new(_model)));
                    break;
                case Verb.Compact:
                    _map.Compact();
                    _isOwing = false;
                    break;
                case Verb.Reopen:
                    CloseSnapshots();
                    Close();
                    Open();
                    break;
                case Verb.Kill:
                    CloseSnapshots();
                    _storage.Kill();
                    Open();
                    break;
                default:
                    _map.Clear();
                    _model.Clear();
                    _isOwing = false;
                    break;
            }
        }

        private void ChangeAndBeRefused(Random random)
        {
            int at = random.Next(5);
            _sink.OnEvent = () =>
            {
                _sink.IsRefusing = at-- <= 0;
                _sink.IsKeeping = random.Next(2) == 0;
            };
            Dictionary<int, byte[]> next = Fill(random, 8, isMet: true);
            try
            {
                // The commit succeeds if the batch has so few changes that the sink refuses none.
                Assert.True(_batch.Commit());
                Follow(next);
            }
            catch (TimeoutException)
            {
                _isOwing = true;
            }

            _sink.OnEvent = null;
            _sink.IsRefusing = _sink.IsKeeping = false;
            _batch.Clear();
        }

        // A batch without effect publishes nothing, so pending corrections stay pending.
        private void Follow(Dictionary<int, byte[]> next)
        {
            _isOwing &= next.Count == _model.Count
                && next.All(pair => _model.TryGetValue(pair.Key, out byte[]? value) && ReferenceEquals(value, pair.Value));
            _model = next;
        }

        // One batch in four has a requirement that does not hold.
        private void Change(Random random, int changes)
        {
            bool isMet = random.Next(4) != 0;
            Dictionary<int, byte[]> next = Fill(random, changes, isMet);
            Assert.Equal(isMet, _batch.Commit());
            if (isMet)
            {
                Follow(next);
            }

            _batch.Clear();
        }

        private Dictionary<int, byte[]> Fill(Random random, int changes, bool isMet)
        {
            Dictionary<int, byte[]> next = new(_model);
            int unmet = isMet ? -1 : random.Next(changes);
            int put = random.Next(1, 10);
            for (int change = 0; change < changes; change++)
            {
                int key = random.Next(Keys);
                if (change == unmet || (isMet && random.Next(2) == 0))
                {
                    Require(key, change != unmet);
                }

                if (random.Next(10) < put)
                {
                    next[key] = ValueOf(random);
                    _batch.Put(KeyOf(key), next[key]);
                }
                else
                {
                    next.Remove(key);
                    _batch.Remove(KeyOf(key));
                }
            }

            return next;
        }

        private void Require(int key, bool isMet)
        {
            bool isThere = _model.TryGetValue(key, out byte[]? value);
            if (isThere == isMet)
            {
                _batch.Require(KeyOf(key), value);
            }
            else
            {
                _batch.RequireAbsent(KeyOf(key));
            }
        }

        private void Open()
        {
            _map = ByteMap.Open(_directory.Path, _options);
            _batch = _map.CreateBatch(Keys);
            _isOwing = false;
        }

        private void Close()
        {
            _batch.Dispose();
            _map.Dispose();
        }

        private void CloseSnapshots()
        {
            foreach ((ByteMapSnapshot snapshot, Dictionary<int, byte[]> then) in _snapshots)
            {
                Dictionary<string, byte[]> found = [];
                foreach (ByteMapEntry entry in snapshot)
                {
                    found.Add(Convert.ToHexString(entry.Key), entry.Value.ToArray());
                }

                AssertSame(then, found);
                snapshot.Dispose();
            }

            _snapshots.Clear();
        }

        private static void AssertSame(Dictionary<int, byte[]> expected, Dictionary<string, byte[]> found) =>
            AssertSame(expected.ToDictionary(pair => Convert.ToHexString(KeyOf(pair.Key)), pair => pair.Value), found);

        private static void AssertSame(Dictionary<string, byte[]> expected, Dictionary<string, byte[]> found)
        {
            Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
            Assert.All(expected, pair => Assert.True(pair.Value.AsSpan().SequenceEqual(found[pair.Key])));
        }

        // Key n consists of n bytes, so key 0 is empty.
        private static byte[] KeyOf(int number) => [.. Enumerable.Repeat((byte)number, number)];

        private static byte[] ValueOf(Random random) =>
            [.. Enumerable.Repeat((byte)random.Next(), s_lengths[random.Next(s_lengths.Length)])];
    }

    /// <summary>Operations in the mix described by the class; a failing list is shrunk by halves.</summary>
    public static class Operations
    {
        /// <summary>A list of operations.</summary>
        public static Arbitrary<Operation[]> All()
        {
            Gen<Verb> verb = Gen.Frequency(
                (40, Gen.Constant(Verb.Batch)),
                (4, Gen.Constant(Verb.LargeBatch)),
                (4, Gen.Constant(Verb.RefusedBatch)),
                (10, Gen.Constant(Verb.Put)),
                (8, Gen.Constant(Verb.Remove)),
                (2, Gen.Constant(Verb.Snapshot)),
                (1, Gen.Constant(Verb.Compact)),
                (1, Gen.Constant(Verb.Reopen)),
                (2, Gen.Constant(Verb.Kill)),
                (1, Gen.Constant(Verb.Clear)));
            Gen<Operation> operation =
                from v in verb
                from seed in Gen.Choose(0, 1_000_000)
                select new Operation(v, seed);
            return Arb.From(operation.ArrayOf(), ModelTests.ShrinkByHalves);
        }
    }
}
