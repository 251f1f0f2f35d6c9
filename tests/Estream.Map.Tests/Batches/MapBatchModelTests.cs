using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Map.Tests;

/// <summary>
/// Random batches, with requirements that hold and others that do not. Single writes, snapshots, closing, crashes and clearing run in
/// between, on a map that grows from the smallest size and shrinks. The same operations run on a dictionary. The two must agree after each
/// step. A failure prints the shrunk list of steps.
/// </summary>
public sealed class MapBatchModelTests
{
    private const int Keys = 400;

    [Property(30, 300, EndSize = 400, LongEndSize = 1_000, Arbitrary = [typeof(Operations)])]
    public void Batches_of_one_writer_agree_with_a_dictionary(Operation[] operations) => Check(operations, MapWriters.One);

    [Property(30, 300, EndSize = 400, LongEndSize = 1_000, Arbitrary = [typeof(Operations)])]
    public void Batches_of_several_writers_agree_with_a_dictionary(Operation[] operations) => Check(operations, MapWriters.Many);

    private static void Check(Operation[] operations, MapWriters writers)
    {
        using Run run = new(writers);
        run.All(operations);
    }

    /// <summary>The kind of an operation.</summary>
    public enum Verb
    {
        Batch,
        LargeBatch,
        RemoveMany,
        Put,
        Remove,
        Snapshot,
        Reopen,
        Kill,
        Clear,
    }

    /// <summary>One operation.</summary>
    public readonly record struct Operation(Verb Verb, int Seed);

    private sealed class Run : IDisposable
    {
        private readonly TempDirectory _directory = new();
        private readonly KillableStorage _storage = new();
        private readonly MapOptions _options;
        private readonly (StateMap<int, Guid> Map, MapBatch<int, Guid> Batch)?[] _maps;
        private readonly List<(MapSnapshot<int, Guid> Snapshot, Dictionary<int, Guid> Then)> _snapshots = [];
        private Dictionary<int, Guid> _model = [];
        private int _turn;

        public Run(MapWriters writers)
        {
            _options = new MapOptions { InitialCapacity = 0, Writers = writers, Storage = _storage };
            _maps = new (StateMap<int, Guid>, MapBatch<int, Guid>)?[writers == MapWriters.One ? 1 : 2];
        }

        private StateMap<int, Guid> Map => Current.Map;

        private MapBatch<int, Guid> Batch => Current.Batch;

        private (StateMap<int, Guid> Map, MapBatch<int, Guid> Batch) Current => _maps[_turn % _maps.Length] ??= Open();

        public void All(Operation[] operations)
        {
            foreach (Operation operation in operations)
            {
                _turn++;
                Apply(operation.Verb, new Random(operation.Seed));
                Assert.Equal(_model.Count, Map.Count);
                Assert.True(_model.All(pair => Map.TryGet(pair.Key, out Guid value) && value == pair.Value));
            }

            Assert.Equal(_model.OrderBy(pair => pair.Key), Map.OrderBy(pair => pair.Key));
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
                    Change(random, random.Next(1, 12), put: 5);
                    break;
                case Verb.LargeBatch:
                    Change(random, 300, put: 8);
                    break;
                case Verb.RemoveMany:
                    Change(random, 300, put: 1);
                    break;
                case Verb.Put:
                    Assert.Equal(!_model.ContainsKey(key), Map.Put(key, ValueOf(key)));
                    _model[key] = ValueOf(key);
                    break;
                case Verb.Remove:
                    Assert.Equal(_model.Remove(key), Map.Remove(key));
                    break;
                case Verb.Snapshot:
                    CloseSnapshots();
                    _snapshots.Add((Map.CreateSnapshot(), new(_model)));
                    break;
                case Verb.Reopen:
                    CloseSnapshots();
                    Close();
                    break;
                case Verb.Kill:
                    CloseSnapshots();
                    _storage.Kill();
                    Array.Clear(_maps);
                    break;
                case Verb.Clear:
                    Map.Clear();
                    _model.Clear();
                    break;
            }
        }

        // Commits a batch with a given number of puts among ten changes. One batch in four has a requirement that does not hold.
        private void Change(Random random, int changes, int put)
        {
            Dictionary<int, Guid> next = new(_model);
            bool isMet = random.Next(4) != 0;
            int unmet = isMet ? -1 : random.Next(changes);
            for (int change = 0; change < changes; change++)
            {
                int key = random.Next(Keys);
                if (change == unmet || (isMet && random.Next(2) == 0))
                {
                    Require(key, change != unmet);
                }

                if (random.Next(10) < put)
                {
                    next[key] = ValueOf(random.Next());
                    Batch.Put(key, next[key]);
                }
                else
                {
                    next.Remove(key);
                    Batch.Remove(key);
                }
            }

            Assert.Equal(isMet, Batch.Commit());
            _model = isMet ? next : _model;
            Batch.Clear();
        }

        private void Require(int key, bool isMet)
        {
            bool isThere = _model.TryGetValue(key, out Guid value);
            if (isThere == isMet)
            {
                Batch.Require(key, value);
            }
            else
            {
                Batch.RequireAbsent(key);
            }
        }

        private (StateMap<int, Guid> Map, MapBatch<int, Guid> Batch) Open()
        {
            StateMap<int, Guid> map = StateMap.Open<int, Guid>(_directory.Path, _options);
            return (map, map.CreateBatch(Keys));
        }

        private void Close()
        {
            foreach ((StateMap<int, Guid> Map, MapBatch<int, Guid> Batch)? open in _maps)
            {
                open?.Batch.Dispose();
                open?.Map.Dispose();
            }

            Array.Clear(_maps);
        }

        private void CloseSnapshots()
        {
            foreach ((MapSnapshot<int, Guid> snapshot, Dictionary<int, Guid> then) in _snapshots)
            {
                Assert.Equal(then.OrderBy(pair => pair.Key), snapshot.OrderBy(pair => pair.Key));
                snapshot.Dispose();
            }

            _snapshots.Clear();
        }

        private static Guid ValueOf(int number) => new(number, 0, 0, new byte[8]);
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
                (3, Gen.Constant(Verb.RemoveMany)),
                (15, Gen.Constant(Verb.Put)),
                (10, Gen.Constant(Verb.Remove)),
                (2, Gen.Constant(Verb.Snapshot)),
                (1, Gen.Constant(Verb.Reopen)),
                (1, Gen.Constant(Verb.Kill)),
                (1, Gen.Constant(Verb.Clear)));
            Gen<Operation> operation =
                from v in verb
                from seed in Gen.Choose(0, 1_000_000)
                select new Operation(v, seed);
            return Arb.From(operation.ArrayOf(), ModelTests.ShrinkByHalves);
        }
    }
}
