using Estream.Core;
using Estream.Map;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// One writer of a map, or several concurrent ones, and another process that reads it. After a crash of a process the map is unchanged.
/// After a power cut a map that was closed is unchanged. A map that was open reports that it may be incomplete
/// (<see cref="StateMap{TKey, TValue}.HostCrashed"/>) and still has all entries that were flushed and not changed since
/// (docs/formats/map.md, Crashes).
/// </summary>
internal sealed partial class MapScenario<TValue> : Scenario
    where TValue : unmanaged
{
    private const string Directory = "/map";
    private const int Words = 4;

    private readonly Func<long, TValue> _value;
    private readonly int _keys;
    private readonly long _initialCapacity;
    private readonly HeldSnapshots<TValue> _snapshots;
    private Dictionary<long, long> _model = [];
    private Dictionary<long, long>? _afterClear;
    private Dictionary<long, long>? _flushed;
    private long[] _words = new long[Words];
    private bool _isOpen;
    private bool _wasClosed;
    private bool _hasFailedFlush;
    private bool _mayHaveLost;
    private long _operation;
    private readonly Writer[] _writers;
    private Writer _current;
    private (long Key, long? After)? _pending;
    private StateMap<long, TValue>? _reader;

    public MapScenario(Simulation run, Func<long, TValue> value, int writers = 1, bool hasBatches = false)
        : base(run)
    {
        _hasBatches = hasBatches;
        _value = value;
        _snapshots = new HeldSnapshots<TValue>(value);

        // No table may reach one mebibyte. The product creates and flushes tables of that size on its own threads, so a seed would not
        // determine the whole run.
        bool isWide = RawValue.SizeOf<TValue>() > sizeof(long);
        _keys = Random.Pick(20, 150, writers > 1 ? 300 : isWide ? 450 : 600);
        _initialCapacity = Random.Pick(0, 0, 0, writers > 1 ? 200 : isWide ? 300 : 700);
        _writers = [.. Enumerable.Range(0, writers).Select(index => new Writer { Process = index == 0 ? Process : Machine.Start() })];
        _current = _writers[0];
    }

    protected override IEnumerable<Step> Steps =>
    [
        new Step("put", 40, () => Put(Random.Below(_keys))),
        new Step("put many", 5, PutMany),
        new Step("remove", 15, Remove),
        new Step("compare and exchange", 8, CompareExchange),
        new Step("change several keys at once", _hasBatches ? 40 : 0, ChangeSeveral),
        new Step("set a word", 5, SetWord),
        new Step("clear", 1, Clear),
        new Step("flush", 4, Flush),
        new Step("look", 5, Look),
        new Step("look from another process", 5, LookFromOutside),
        new Step("take a snapshot", 3, TakeSnapshot),
        new Step("look at the snapshots", 3, _snapshots.Check),
        new Step("close and open", 3, CloseAndOpen),
        new Step("close", 1, Close),
        new Step("kill one of several", _writers.Length - 1, () => Machine.End(Random.Pick(_writers).Process, Death.Kill)),
        new Step("kill one of several soon", 2 * (_writers.Length - 1),
            () => Machine.Arm(Random.Pick(_writers).Process, Death.Kill, Random.Below(25))),
    ];

    private StateMap<long, TValue>? Map
    {
        get => _current.Map;
        set => _current.Map = value;
    }

    protected override void Begin() => Ensure();

    protected override void End()
    {
        Machine.FailureChance = default;
        Machine.CapacityBytes = long.MaxValue;
        Look();
        LookFromOutside();
        _snapshots.Check();
    }

    protected override void Recover(Death death)
    {
        _snapshots.Bury();

        // The base class has started one process in place of the dead process. After a power cut all processes are dead, and more are
        // started here.
        SimulatedProcess? started = Process;
        foreach (Writer dead in _writers.Where(writer => writer.Process.IsDead))
        {
            dead.Map = null;
            dead.Batch = null;
            dead.Process = started ?? Machine.Start();
            started = null;
        }

        _current = _writers.FirstOrDefault(writer => writer.Process == Process) ?? _writers[0];
        if (death == Death.PowerCut)
        {
            _pending = null;
            _pendingBatch = null;
            _reader = null;
            RecoverFromPowerCut();
            return;
        }

        Open();
        if (_afterClear is { } cleared && Map!.Count == cleared.Count && Map.Count != _model.Count)
        {
            _model = cleared;
        }

        _afterClear = null;
        SettlePending();
        SettlePendingBatch();
        Compare(Map!, "after a kill");
        NoticeLoss(Map!);
        Check.That(Map!.HostCrashed == _hasFailedFlush,
            $"after a kill the map says {Map.HostCrashed} when asked whether it may be incomplete");
        LookFromOutside();
    }

    // Updates the model with the change that a death interrupted, if the map shows that the change was made.
    private void SettlePending()
    {
        if (_pending is not var (key, after))
        {
            return;
        }

        _pending = null;
        bool isThere = Map!.TryGet(key, out TValue found);
        TValue expected = after is { } operation ? _value(operation) : default;
        if (!isThere && after is null)
        {
            _model.Remove(key);
        }
        else if (isThere && after is { } done && RawValue.AreEqual(in expected, in found))
        {
            _model[key] = done;
        }
    }

    private void RecoverFromPowerCut()
    {
        bool wasClosed = _wasClosed && !_isOpen;
        try
        {
            Open();
        }
        catch (EstreamException damage)
        {
            Run.Note($"  not to be opened: {damage.GetType().Name}");
            Check.That(!wasClosed && _flushed is null, $"the map was on the device: {damage.Message}");
            DeleteAll();
            Open();
        }

        // A map that does not report a loss has all entries. A map that was never durable may be gone and created again.
        bool isNew = !wasClosed && _flushed is null && Map!.Count == 0;
        if (!isNew && !Map!.HostCrashed)
        {
            Compare(Map, "after a power cut it knows nothing of");
            _hasFailedFlush = false;
            return;
        }

        Check.That(!wasClosed, "the map was closed when the machine stopped, and says otherwise");
        CheckFlushed();
        Rebuild();
    }

    private void CheckFlushed()
    {
        foreach ((long key, long operation) in _flushed ?? [])
        {
            bool isThere = Map!.TryGet(key, out TValue found);
            TValue expected = _value(operation);
            Check.That(isThere && RawValue.AreEqual(in expected, in found),
                $"key {key} was flushed, was not touched since, and is {(isThere ? "another" : "missing")}");
        }
    }

    private void Rebuild()
    {
        _flushed = null;
        _hasFailedFlush = false;
        Map!.Clear();
        _model = [];
        _words = [.. Enumerable.Range(0, Words).Select(Map.UserWord)];
        Check.That(!Map.HostCrashed, "a cleared map still believes that it is incomplete");
    }

    private void DeleteAll()
    {
        foreach (string name in Process.ListFiles(Directory, ""))
        {
            Process.Delete(Path.Combine(Directory, name));
        }

        _reader = null;
    }

    private void Open()
    {
        // The map counts as open from here on, even if Open fails.
        _isOpen = true;
        _current.Map ??= StateMap.Open<long, TValue>(Directory, Options(_current.Process));
    }

    // Selects a random writer for the next step.
    private StateMap<long, TValue>? Ensure()
    {
        _current = _writers.Length == 1 ? _writers[0] : Random.Pick(_writers);
        if (Map is null)
        {
            Try(Open);
        }

        if (_writers.Length > 1 && Map is not null)
        {
            NoticeLoss(Map);
        }

        return Map;
    }

    private MapOptions Options(SimulatedProcess process) => new()
    {
        InitialCapacity = _initialCapacity,
        Storage = process,
        Clock = Machine.Clock,
        Writers = _writers.Length == 1 ? MapWriters.One : MapWriters.Many,
    };

    private void Put(long key)
    {
        if (Ensure() is not { } map)
        {
            return;
        }

        long operation = ++_operation;
        bool isNew = false;
        _flushed?.Remove(key);
        _pending = (key, operation);
        if (Try(() => isNew = map.Put(key, _value(operation))))
        {
            Check.That(isNew == !_model.ContainsKey(key), $"key {key} is {(isNew ? "" : "not ")}new, says the map");
            _model[key] = operation;
        }

        _pending = null;
        NoticeLoss(map);
    }

    // A map flushes in the last write of a resize. If the device refuses that flush, the map may be incomplete, as after any failed flush.
    private void NoticeLoss(StateMap<long, TValue> map)
    {
        if (!_hasFailedFlush && map.HostCrashed)
        {
            Check.That(_mayHaveLost || Machine.FailedFlushes > 0, "a map says that it may be incomplete, and nothing was refused");
            _hasFailedFlush = true;
            _flushed = null;
        }
    }

    private void PutMany()
    {
        for (int count = Random.Below(60); count > 0; count--)
        {
            Put(Random.Below(_keys));
        }
    }

    private void Remove()
    {
        long key = Random.Below(_keys);
        if (Ensure() is { } map)
        {
            _pending = (key, null);
            _flushed?.Remove(key);
            if (TryAsWriter(() => Check.That(map.Remove(key) == _model.ContainsKey(key), $"removing key {key}")))
            {
                _model.Remove(key);
            }

            _pending = null;
            NoticeLoss(map);
        }
    }

    private void CompareExchange()
    {
        long key = Random.Below(_keys);
        if (Ensure() is not { } map)
        {
            return;
        }

        bool isThere = _model.TryGetValue(key, out long current);
        bool isExpected = isThere && Random.Chance(0.7);
        long operation = ++_operation;
        _pending = isExpected ? (key, operation) : null;
        bool isDone = false;
        bool isAnswered = TryAsWriter(() => isDone = map.CompareExchange(key, _value(isExpected ? current : -1), _value(operation)));
        _pending = null;
        Check.That(isDone == isExpected || !isAnswered, $"comparing and exchanging key {key}");
        if (isDone)
        {
            _model[key] = operation;
            _flushed?.Remove(key);
        }

        NoticeLoss(map);
    }

    private void SetWord()
    {
        int word = Random.Below(Words);
        if (Ensure() is { } map)
        {
            _words[word] = ++_operation;
            map.SetUserWord(word, _words[word]);
        }
    }

    private void Clear()
    {
        if (Ensure() is not { } map)
        {
            return;
        }

        // A crash during Clear leaves all entries or none.
        _afterClear = [];
        _flushed = null;
        if (Try(map.Clear))
        {
            _model = [];
            _hasFailedFlush = false;
        }
        else if (map.HostCrashed && map.Count == 0)
        {
            // The device refused after the empty table had replaced the full one: the map is cleared, and reports that it may be
            // incomplete.
            _model = [];
        }

        NoticeLoss(map);
        _afterClear = null;
    }

    // A successful flush after a failed one proves nothing: the kernel has marked the pages of the failed flush as clean.
    private void Flush()
    {
        if (Ensure() is { } map)
        {
            bool isDone = Try(map.Flush);
            _hasFailedFlush |= !isDone && (_writers.Length == 1 || map.HostCrashed);
            _flushed = _hasFailedFlush || !isDone ? null : new Dictionary<long, long>(_model);
            Check.That(map.HostCrashed == _hasFailedFlush, "a map whose flush failed does not know that it may be incomplete");
        }
    }

    private void Look()
    {
        if (Ensure() is { } map)
        {
            TryAsWriter(() => Compare(map, "to its writer"));
        }
    }

    // A death or a storage failure while a snapshot is created leaves the map as it was. Exception: a resize must end first, and its flush
    // may fail.
    private void TakeSnapshot()
    {
        if (Ensure() is { } map)
        {
            Try(() => _snapshots.Take(map, _current.Process, _model, _words));
            NoticeLoss(map);
        }
    }

    // The action of a single writer uses no storage, so it must not fail. One of several writers may have to open a table that another
    // writer has created.
    private bool TryAsWriter(Action action)
    {
        if (_writers.Length > 1)
        {
            return Try(action);
        }

        action();
        return true;
    }

    private void LookFromOutside()
    {
        if (Ensure() is null)
        {
            return;
        }

        Try(() =>
        {
            _reader ??= StateMap.OpenReadOnly<long, TValue>(Directory, Options(Machine.Start()));
            Compare(_reader, "to another process");
        });
        if (Random.Chance(0.2))
        {
            _reader?.Dispose();
            _reader = null;
        }
    }

    private void CloseAndOpen()
    {
        Close();
        Ensure();
    }

    private void Close()
    {
        if (Map is null)
        {
            return;
        }

        _current.Batch?.Dispose();
        _current.Batch = null;
        bool isClosed = Try(Map.Dispose);
        Map = null;
        if (_writers.Length == 1)
        {
            // Earlier flushes do not count any more, either: a resize may have migrated flushed entries, and the device may have refused
            // the pages of their new slots.
            _hasFailedFlush |= !isClosed;
            _flushed = isClosed ? _flushed : null;
        }
        else if (!isClosed)
        {
            // The device refused a flush, or it refused only the check whether this was the last writer.
            _mayHaveLost = true;
            _flushed = null;
            return;
        }

        if (!_hasFailedFlush)
        {
            bool isLast = _writers.All(writer => writer.Map is null);
            (_wasClosed, _isOpen) = (isLast || _wasClosed, !isLast);
            _flushed = new Dictionary<long, long>(_model);
        }
    }

    private void Compare(StateMap<long, TValue> map, string when)
    {
        Check.That(map.Count == _model.Count, $"{when} the map counts {map.Count} entries, {_model.Count} are there");
        for (long key = 0; key < _keys; key++)
        {
            bool isThere = map.TryGet(key, out TValue found);
            Check.That(isThere == _model.TryGetValue(key, out long operation), $"{when} key {key} is {(isThere ? "there" : "missing")}");
            TValue expected = isThere ? _value(operation) : found;
            Check.That(RawValue.AreEqual(in expected, in found), $"{when} key {key} has another value than operation {operation} gave it");
        }

        int enumerated = 0;
        foreach ((long key, TValue _) in map)
        {
            Check.That(_model.ContainsKey(key), $"{when} key {key} is enumerated and not there");
            enumerated++;
        }

        Check.That(enumerated == _model.Count, $"{when} {enumerated} entries are enumerated of {_model.Count}");
        for (int word = 0; word < Words; word++)
        {
            Check.That(map.UserWord(word) == _words[word], $"{when} word {word} is {map.UserWord(word)} and not {_words[word]}");
        }
    }

    private sealed class Writer
    {
        public required SimulatedProcess Process { get; set; }

        public StateMap<long, TValue>? Map { get; set; }

        public MapBatch<long, TValue>? Batch { get; set; }
    }
}
