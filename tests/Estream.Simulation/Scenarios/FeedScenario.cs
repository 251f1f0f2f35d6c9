using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// A map that publishes its changes to a queue, written by one process or two, on a machine whose processes are killed, whose power is cut
/// and whose disk fills. Replaying the events gives the map: after every crash, and after a power cut unless the map reports that it may be
/// incomplete. Changes that were durable in both are then in both (docs/formats/map.md, Change events).
/// </summary>
internal sealed class FeedScenario : Scenario
{
    private const string QueueDirectory = "/feed";
    private const string MapDirectory = "/map";

    private readonly int _keys;
    private readonly Writer[] _writers;
    private Dictionary<long, long> _model = [];

    // The key whose change has an unknown outcome, and its value if the change was applied; null for a removal.
    private (long Key, long? After)? _pending;
    private bool _isClearing;

    // The entries that were durable at the last call of NoteOnDevice, and the keys that were changed since.
    private Dictionary<long, long> _onDevice = [];
    private readonly HashSet<long> _touched = [];
    private bool _isOnDevice;

    // Whether a change may be published without being applied. A writer that opens the map alone corrects this.
    private bool _mayOwe;
    private long _operation;

    public FeedScenario(Simulation run, int writers)
        : base(run)
    {
        _keys = Random.Pick(5, 60, 400);
        _writers = [.. Enumerable.Range(0, writers).Select(index => new Writer { Process = index == 0 ? Process : Machine.Start() })];
    }

    protected override IEnumerable<Step> Steps =>
    [
        new Step("put", 30, () => Put(Random.Below(_keys))),
        new Step("put many", 5, PutMany),
        new Step("remove", 15, Remove),
        new Step("compare and exchange", 10, CompareExchange),
        new Step("clear", 1, Clear),
        new Step("flush", 3, Flush),
        new Step("look", 4, Look),
        new Step("close and open", 3, Reopen),
        new Step("work of the queues in the background", 3, () => Random.Pick(_writers).Background?.RunOne()),
        new Step("kill one of several", _writers.Length - 1, () => Machine.End(Random.Pick(_writers).Process, Death.Kill)),
        new Step("kill one of several soon", 3 * (_writers.Length - 1),
            () => Machine.Arm(Random.Pick(_writers).Process, Death.Kill, Random.Below(25))),
    ];

    protected override void Begin() => Flush();

    protected override void End()
    {
        Machine.FailureChance = default;
        Machine.CapacityBytes = long.MaxValue;
        Look();
    }

    protected override void Recover(Death death)
    {
        SimulatedProcess? started = Process;
        foreach (Writer dead in _writers.Where(writer => writer.Process.IsDead))
        {
            dead.Forget(started ?? Machine.Start());
            started = null;
        }

        _mayOwe = true;
        if (death == Death.PowerCut)
        {
            RecoverFromPowerCut();
        }

        Look();
    }

    private void RecoverFromPowerCut()
    {
        Writer writer = _writers[0];
        try
        {
            Open(writer);
        }
        catch (EstreamException damage) when (!_isOnDevice)
        {
            Run.Note($"  not to be opened: {damage.GetType().Name}");
            Process.ListFiles(MapDirectory, "").ToList().ForEach(name => Process.Delete(Path.Combine(MapDirectory, name)));
            writer.Forget(Process);
            Open(writer);
        }

        Dictionary<long, long> found = ContentsOf(writer.Map!);
        Dictionary<long, long> told = Replay(writer.Queue!);
        foreach ((long key, long value) in _onDevice.Where(pair => !_touched.Contains(pair.Key)))
        {
            Check.That(found.TryGetValue(key, out long is_) && is_ == value,
                $"key {key} was on the device with {value} and is not in the map");
            Check.That(told.TryGetValue(key, out is_) && is_ == value,
                $"key {key} was on the device with {value} and the events say {In(told, key) ?? 0}");
        }

        if (writer.Map!.HostCrashed || !_isOnDevice)
        {
            Rebuild(writer, told);
        }
        else
        {
            CheckSame(found, told, "after a power cut of which the map says nothing");
            _model = found;
        }

        (_pending, _isClearing) = (null, false);
    }

    // Follows the guide: clears the map, which publishes an event, and puts the entries of its source again.
    private void Rebuild(Writer writer, Dictionary<long, long> told)
    {
        _touched.UnionWith(Enumerable.Range(0, _keys).Select(key => (long)key));
        writer.Map!.Clear();
        Check.That(!writer.Map.HostCrashed, "the map is empty and still says that something may be missing");
        _model = [];
        foreach ((long key, long value) in told)
        {
            writer.Map.Put(key, value);
            _model[key] = value;
        }
    }

    // Records nothing after a failed flush, which ends all guarantees, or while it is unknown whether a change was applied.
    private void NoteOnDevice()
    {
        if (Machine.FailedFlushes > 0 || _pending is not null || _isClearing)
        {
            return;
        }

        _onDevice = new Dictionary<long, long>(_model);
        _touched.Clear();
        _isOnDevice |= _writers.Any(writer => writer.Map is not null);
    }

    private Writer? Ensure()
    {
        Writer writer = Random.Pick(_writers);
        return writer.Map is not null || Do(() => Open(writer)) ? writer : null;
    }

    private void Open(Writer writer)
    {
        if (writer.Map is not null)
        {
            return;
        }

        writer.Dispose();
        writer.Background ??= new SimulatedScheduler(Machine);
        writer.Queue = EstreamQueue.Open(QueueDirectory, new QueueOptions
        {
            SegmentBytes = 64 << 10, Storage = writer.Process, Clock = Machine.Clock, Background = writer.Background,
        });
        writer.Sink = new QueueChangeSink(writer.Queue);
        writer.Map = StateMap.Open<long, long>(MapDirectory, new MapOptions
        {
            InitialCapacity = 0,
            Writers = _writers.Length == 1 ? MapWriters.One : MapWriters.Many,
            Storage = writer.Process,
            Clock = Machine.Clock,
            Changes = writer.Sink,
        });
    }

    // After a failed flush the queue refuses permanently, and so does the map that flushes its events, even if the disk works again.
    private bool Do(Action action)
    {
        try
        {
            return Try(action);
        }
        catch (EstreamStorageException refusal) when (refusal.Reason == StorageFailure.Device && Machine.FailedFlushes > 0)
        {
            Run.Note("  refused for good");
            return false;
        }
    }

    private void Put(long key) => Change(key, ++_operation, map => map.Put(key, _operation));

    private void PutMany()
    {
        for (int count = Random.Below(400); count > 0; count--)
        {
            Put(Random.Below(_keys));
        }
    }

    private void Remove()
    {
        long key = Random.Below(_keys);
        Change(key, null, map => map.Remove(key));
    }

    private void CompareExchange()
    {
        long key = Random.Below(_keys);
        if (_model.TryGetValue(key, out long value))
        {
            Change(key, ++_operation, map => Check.That(map.CompareExchange(key, value, _operation), $"key {key} is not {value}"));
        }
    }

    private void Change(long key, long? after, Action<StateMap<long, long>> change)
    {
        if (Ensure() is not { } writer)
        {
            return;
        }

        _touched.Add(key);
        _pending = (key, after);
        if (Do(() => change(writer.Map!)))
        {
            Settle(after);
        }
        else
        {
            // The change may be published, and may even be applied. Reading the map shows whether it is applied.
            _mayOwe = true;
            (double Flush, double Other) chance = Machine.FailureChance;
            Machine.FailureChance = default;
            Settle(writer.Map!.TryGet(key, out long value) ? value : null);
            Machine.FailureChance = chance;
        }
    }

    private void Settle(long? after)
    {
        if (_pending is not var (key, _))
        {
            return;
        }

        _pending = null;
        if (after is { } value)
        {
            _model[key] = value;
        }
        else
        {
            _model.Remove(key);
        }
    }

    private void Clear()
    {
        if (Ensure() is not { } writer)
        {
            return;
        }

        _touched.UnionWith(Enumerable.Range(0, _keys).Select(key => (long)key));
        _isClearing = true;
        _mayOwe |= !Do(writer.Map!.Clear);
        SettleClear(writer.Map!);
    }

    private void SettleClear(StateMap<long, long> map)
    {
        if (_isClearing && map.Count == 0)
        {
            _model = [];
        }

        _isClearing = false;
    }

    // Flushed changes are durable together with their events.
    private void Flush()
    {
        if (Ensure() is { } writer && Do(writer.Map!.Flush))
        {
            NoteOnDevice();
        }
    }

    private void Reopen()
    {
        bool isClosed = _writers.Any(writer => writer.Map is not null) & _writers.All(writer => Do(writer.Dispose));
        if (isClosed && _isOnDevice)
        {
            NoteOnDevice();
        }

        Ensure();
    }

    private void Look()
    {
        if (_mayOwe)
        {
            // A writer that opens the map alone corrects events whose change was not applied.
            Reopen();
        }

        if (Ensure() is { } writer)
        {
            Do(() => Compare(writer));
        }
    }

    private void Compare(Writer writer)
    {
        Dictionary<long, long> found = ContentsOf(writer.Map!);
        if (_pending is var (key, after))
        {
            long? now = In(found, key);
            Check.That(now == after || now == In(_model, key),
                $"key {key} has {now ?? 0}, which is neither what it had nor what it was to get");
            Settle(now);
        }

        SettleClear(writer.Map!);
        CheckSame(found, _model, "was put");
        if (_writers.Count(each => each.Map is not null) == 1 || !_mayOwe)
        {
            _mayOwe = false;
            CheckSame(found, Replay(writer.Queue!), "was told");
        }
    }

    private static void CheckSame(Dictionary<long, long> found, Dictionary<long, long> expected, string what)
    {
        foreach (long key in found.Keys.Union(expected.Keys))
        {
            Check.That(In(found, key) == In(expected, key),
                $"key {key} has {In(found, key) ?? 0} in the map; {In(expected, key) ?? 0} {what}");
        }
    }

    // Returns null for a missing key. Values are above 0, so messages can show a missing key as 0.
    private static long? In(Dictionary<long, long> contents, long key) => contents.TryGetValue(key, out long value) ? value : null;

    private static Dictionary<long, long> ContentsOf(StateMap<long, long> map) => map.ToDictionary(pair => pair.Key, pair => pair.Value);

    private static Dictionary<long, long> Replay(EstreamQueue queue)
    {
        Dictionary<long, long> told = [];
        using QueueTailer tailer = queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            Check.That(MapChange.TryRead(message.Payload, out MapChange change), $"the message at {message.Position} is no event");
            switch (change.Kind)
            {
                case MapChangeKind.Clear:
                    told.Clear();
                    break;
                case MapChangeKind.Put:
                    told[BitConverter.ToInt64(change.Key)] = BitConverter.ToInt64(change.Value);
                    break;
                default:
                    told.Remove(BitConverter.ToInt64(change.Key));
                    break;
            }
        }

        return told;
    }

    private sealed class Writer
    {
        public required SimulatedProcess Process { get; set; }

        public EstreamQueue? Queue { get; set; }

        public QueueChangeSink? Sink { get; set; }

        public StateMap<long, long>? Map { get; set; }

        public SimulatedScheduler? Background { get; set; }

        /// <summary>Replaces the dead process with <paramref name="next"/>.</summary>
        public void Forget(SimulatedProcess next) => (Process, Queue, Sink, Map, Background) = (next, null, null, null, null);

        // Closes the objects in the order in which a user does. If closing an object throws, the object is not used again.
        public void Dispose()
        {
            (StateMap<long, long>? map, QueueChangeSink? sink, EstreamQueue? queue) = (Map, Sink, Queue);
            (Map, Sink, Queue) = (null, null, null);
            try
            {
                map?.Dispose();
            }
            finally
            {
                sink?.Dispose();
                queue?.Dispose();
            }
        }
    }
}
