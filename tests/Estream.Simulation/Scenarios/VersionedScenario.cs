using Estream.Core;
using Estream.Map;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// One writer or several writers of a map with versions and times to live, which publishes its changes. The versions of a key rise, also
/// across deaths. Expired entries are not returned. After a crash the map is unchanged, and replaying the events gives the map. After a
/// power cut the map reports that it may be incomplete, or is unchanged.
/// </summary>
internal sealed class VersionedScenario : Scenario
{
    private const string MapDirectory = "/map";
    private const long SoonNanos = 1_000_000_000;
    private const long EitherOperation = -1;

    private readonly StampedKind _kind;
    private readonly int _keys;
    private readonly Writer[] _writers;
    private readonly Dictionary<long, long> _highest = [];

    // The published events by key: they outlive processes as a queue does.
    private readonly Dictionary<long, (byte[] Value, long Version, long ExpiresAt)> _told = [];
    // The keys whose last published event may differ from the map until a later write corrects it.
    private readonly HashSet<long> _owed = [];
    private Dictionary<long, Known> _model = [];
    private Writer _current;
    private (long Key, Known? After)? _pending;
    private bool _isClearing;
    private bool _isOnDevice;
    private bool _isClosed;
    private long _operation;

    public VersionedScenario(Simulation run, StampedKind kind, int writers)
        : base(run)
    {
        _kind = kind;
        _keys = Random.Pick(10, 60, 250);
        _writers = [.. Enumerable.Range(0, writers).Select(index => new Writer { Process = index == 0 ? Process : Machine.Start() })];
        _current = _writers[0];
    }

    protected override IEnumerable<Step> Steps => AllSteps.Select(step => step with { Do = () => DoAndMark(step.Do) });

    private IEnumerable<Step> AllSteps =>
    [
        new Step("put", 30, () => Put(timeToLive: null)),
        new Step("put for a while", 20, () => Put(TimeSpan.FromMilliseconds(1 + Random.Below(2_000)))),
        new Step("put many", 4, PutMany),
        new Step("compare and exchange", 12, CompareExchange),
        new Step("remove", 12, Remove),
        new Step("touch", 4, Touch),
        new Step("remove what ended", 2, () => Do(map => map.RemoveExpired())),
        new Step("clear", 1, Clear),
        new Step("flush", 3, Flush),
        new Step("look", 5, Look),
        new Step("close and open", 3, Close),
        new Step("kill one of several", _writers.Length - 1, () => Machine.End(Random.Pick(_writers).Process, Death.Kill)),
        new Step("kill one of several soon", 3 * (_writers.Length - 1),
            () => Machine.Arm(Random.Pick(_writers).Process, Death.Kill, Random.Below(25))),
    ];

    private long Now => Machine.Clock.CoarseUtcNanos;

    private void DoAndMark(Action step)
    {
        step();
        MarkEnded();
    }

    // A writer may have removed an expired entry. If the clock is set back, the entry may therefore be there or not.
    private void MarkEnded()
    {
        foreach ((long key, Known known) in _model.Where(pair => pair.Value.HasEnded(Now)).ToArray())
        {
            _model[key] = known with { MayBeGone = true };
        }
    }

    protected override void Begin() => Flush();

    protected override void End()
    {
        Machine.FailureChance = default;
        Machine.CapacityBytes = long.MaxValue;
        foreach (long key in _owed.ToArray())
        {
            Put(key, timeToLive: null);
        }

        Check.That(_owed.Count == 0, "writes on a healthy machine do not put right what was told");
        Look();
    }

    protected override void Recover(Death death)
    {
        MarkEnded();
        SimulatedProcess? started = Process;
        foreach (Writer dead in _writers.Where(writer => writer.Process.IsDead))
        {
            dead.Map = null;
            dead.Process = started ?? Machine.Start();
            started = null;
        }

        _current = _writers.FirstOrDefault(writer => writer.Process == Process) ?? _writers[0];
        if (death == Death.PowerCut)
        {
            RecoverFromPowerCut();
            return;
        }

        Open();
        Owe();
        Settle();
        Compare(_current.Map!, "after a kill");
        CompareFeed(_current.Map!, "after a kill");
    }

    // A writer that opens the map alone corrects all events. One of several writers corrects only the events of entries that it comes
    // across.
    private void Owe()
    {
        if (_writers.Length == 1)
        {
            _owed.Clear();
        }
        else if (_isClearing)
        {
            _owed.UnionWith(Enumerable.Range(0, _keys).Select(key => (long)key));
        }
        else if (_pending is var (key, _))
        {
            _owed.Add(key);
        }
    }

    // Updates the model with the change that a death interrupted, if the map shows that the change was made.
    private void Settle()
    {
        IStampedMap map = _current.Map!;
        if (_isClearing)
        {
            SettleClear(map);
        }

        _isClearing = false;
        if (_pending is not var (key, after))
        {
            return;
        }

        _pending = null;
        bool isThere = map.TryGet(key, out SeenEntry found);
        if (!isThere && after is null)
        {
            // The entry was removed, or it was kept and has expired. An expired entry may be returned if the clock is set back.
            Forget(key);
        }
        else if (!isThere && after!.HasEnded(Now))
        {
            // The change was made and its value has expired, or it was not made and the earlier value has expired. Either value may be
            // returned if the clock is set back.
            _model[key] = after with { Operation = EitherOperation, MayBeGone = true };
        }
        else if (isThere && after is not null && Is(found, after))
        {
            Check.That(found.Version >= _highest.GetValueOrDefault(key),
                $"key {key} has version {found.Version} and has had {_highest.GetValueOrDefault(key)}");
            _highest[key] = found.Version;
            _model[key] = after with { Version = found.Version };
        }
    }

    // Clear has removed all entries or none. If all entries had expired, the map does not show which, and they may be returned if the clock
    // is set back.
    private void SettleClear(IStampedMap map)
    {
        if (map.Any())
        {
            return;
        }

        if (_model.Values.Any(known => !known.MayBeGone && !known.HasEnded(Now)))
        {
            _model = [];
        }

        MarkEnded();
    }

    private void Forget(long key)
    {
        if (_model.TryGetValue(key, out Known? known) && !known.HasEnded(Now))
        {
            _model.Remove(key);
        }
    }

    private void RecoverFromPowerCut()
    {
        bool wasClosed = _isClosed && _isOnDevice;
        (_pending, _isClearing) = (null, false);
        _told.Clear();
        _owed.Clear();
        try
        {
            Open();
        }
        catch (EstreamException damage)
        {
            Run.Note($"  not to be opened: {damage.GetType().Name}");
            Check.That(!_isOnDevice, $"the map was on the device: {damage.Message}");
            DeleteAll();
            Open();
        }

        if (!_isOnDevice && !_current.Map!.HostCrashed)
        {
            // The map may never have become durable. Then a new map was created, whose versions start again.
            _highest.Clear();
        }
        else if (wasClosed)
        {
            Check.That(!_current.Map!.HostCrashed, "the map was closed when the machine stopped, and says otherwise");
            Compare(_current.Map, "after a power cut");
        }

        // The published events were discarded above, so the map starts empty as well.
        _current.Map!.Clear();
        _model = [];
        Look();
    }

    private void DeleteAll()
    {
        foreach (string name in Process.ListFiles(MapDirectory, ""))
        {
            Process.Delete(Path.Combine(MapDirectory, name));
        }
    }

    private void Open()
    {
        _isClosed = false;
        _current.Map ??= _kind.Open(MapDirectory, _current.Process, Machine.Clock, new Sink(_told, _current.Process),
            isAlone: _writers.Length == 1);
    }

    // Selects a random writer for the next step.
    private IStampedMap? Ensure()
    {
        _current = _writers.Length == 1 ? _writers[0] : Random.Pick(_writers);
        if (_current.Map is null)
        {
            Try(Open);
        }

        return _current.Map;
    }

    private bool Do(Action<IStampedMap> action) => Ensure() is { } map && Try(() => action(map));

    private void Put(TimeSpan? timeToLive) => Put(Random.Below(_keys), timeToLive);

    private void Put(long key, TimeSpan? timeToLive)
    {
        if (Ensure() is not { } map)
        {
            return;
        }

        Known stored = New(timeToLive);
        long version = 0;
        _pending = (key, stored);
        if (TryTold(key, () => version = map.Put(key, stored.Operation, timeToLive)))
        {
            _owed.Remove(key);
            Stored(key, stored with { Version = version });
        }

        _pending = null;
    }

    private void PutMany()
    {
        for (int count = Random.Below(100); count > 0; count--)
        {
            Put(Random.Chance(0.5) ? TimeSpan.FromMilliseconds(1) : null);
        }
    }

    private void CompareExchange()
    {
        if (Ensure() is not { } map)
        {
            return;
        }

        long key = Random.Below(_keys);
        bool isRight = Random.Chance(0.7);
        if (!TryShow(map, key, out long seen))
        {
            return;
        }

        long expected = isRight ? seen : _highest.GetValueOrDefault(key) + 1 + Random.Below(2);
        Known stored = New(timeToLive: null);
        _pending = isRight ? (key, stored) : null;
        bool isDone = false;
        long version = 0;
        bool isAnswered = TryTold(key, () => isDone = map.CompareExchange(key, expected, stored.Operation, out version));
        _pending = null;
        Check.That(isDone == isRight || !isAnswered || MayEndSoon(key),
            $"key {key} has version {seen}; comparing it with {expected} and exchanging says {isDone}");
        if (isDone)
        {
            Stored(key, stored with { Version = version });
        }
    }

    private void Remove()
    {
        if (Ensure() is not { } map)
        {
            return;
        }

        long key = Random.Below(_keys);
        if (!TryShow(map, key, out long seen))
        {
            return;
        }

        _pending = (key, null);
        bool isDone = false;
        if (TryTold(key, () => isDone = Random.Chance(0.5) || seen == 0 ? map.Remove(key) : map.Remove(key, seen)))
        {
            Check.That(isDone == (seen != 0) || MayEndSoon(key), $"key {key} has version {seen}; removing it says {isDone}");
            _model.Remove(key);
        }

        _pending = null;
    }

    private void Touch()
    {
        if (Ensure() is not { } map)
        {
            return;
        }

        long key = Random.Below(_keys);
        if (!TryShow(map, key, out long seen))
        {
            return;
        }

        long end = Now + 5_000_000;
        Known? touched = seen == 0 ? null : _model[key] with { ExpiresAt = end, MayBeGone = false };
        _pending = touched is null ? null : (key, touched);
        bool isDone = false;
        if (TryTold(key, () => isDone = map.Touch(key, TimeSpan.FromMilliseconds(5))))
        {
            Check.That(isDone == (seen != 0) || MayEndSoon(key), $"key {key} has version {seen}; touching it says {isDone}");
            if (isDone && touched is not null)
            {
                _model[key] = touched;
            }
        }

        _pending = null;
    }

    private void Clear()
    {
        if (Ensure() is not { } map)
        {
            return;
        }

        _isClearing = true;
        bool isDone = Try(map.Clear);
        if (isDone)
        {
            _model = [];
        }
        else
        {
            SettleClear(map);
        }

        _owed.UnionWith(isDone ? [] : Enumerable.Range(0, _keys).Select(key => (long)key));

        _isClearing = false;
    }

    private void Flush() => _isOnDevice |= Do(map => map.Flush()) && !_current.Map!.HostCrashed;

    private void Look() => Do(map =>
    {
        Compare(map, "to a writer");
        CompareFeed(map, "to a follower");
    });

    private void Close()
    {
        if (_current.Map is not { } map)
        {
            return;
        }

        bool isWhole = !map.HostCrashed;
        bool isClosed = Try(map.Dispose) && isWhole;
        _current.Map = null;
        _isClosed = isClosed && !_isClosed && _writers.All(writer => writer.Map is null);
        _isOnDevice |= _isClosed;
        Run.Note($"  closed: {isClosed}");
    }

    // After a failed call the sink may have stored the event nevertheless, so the event may differ from the map.
    private bool TryTold(long key, Action action)
    {
        bool isDone = Try(action);
        if (!isDone)
        {
            _owed.Add(key);
        }

        return isDone;
    }

    private Known New(TimeSpan? timeToLive) =>
        new(++_operation, Version: 0, timeToLive is { } time ? Now + (time.Ticks * TimeSpan.NanosecondsPerTick) : 0, MayBeGone: false);

    private void Stored(long key, Known stored)
    {
        Check.That(stored.Version > _highest.GetValueOrDefault(key),
            $"key {key} got version {stored.Version} and has had {_highest.GetValueOrDefault(key)}");
        _highest[key] = stored.Version;
        _model[key] = stored;
    }

    // Gets the version of an entry, 0 if there is none. Returns false if the read was refused: then the entry may exist.
    private bool TryShow(IStampedMap map, long key, out long version)
    {
        long found = 0;
        bool isRead = Try(() => found = map.TryGet(key, out SeenEntry seen) ? seen.Version : 0);
        version = found;
        return isRead;
    }

    // Returns whether the entry may expire during a call, because time passes during each call.
    private bool MayEndSoon(long key) => _model.TryGetValue(key, out Known? known) && known.ExpiresAt != 0 && known.ExpiresAt < Now
        + SoonNanos;

    private bool Is(SeenEntry found, Known known) => known.Operation == EitherOperation
        || (found.Value.AsSpan().SequenceEqual(_kind.ValueOf(known.Operation)) && found.ExpiresAt == known.ExpiresAt
            && (known.Version == 0 || known.Version == found.Version));

    private void Compare(IStampedMap map, string when)
    {
        for (long key = 0; key < _keys; key++)
        {
            bool isThere = map.TryGet(key, out SeenEntry found);
            bool isKnown = _model.TryGetValue(key, out Known? known) && !known.HasEnded(Now);
            Check.That(isThere == isKnown || (isKnown && known!.MayBeGone), $"{when} key {key} is {(isThere ? "there" : "missing")}");
            Check.That(!isThere || Is(found, known!),
                $"{when} key {key} has another value, version or end than operation {known?.Operation} gave it: version {found.Version}, "
                + $"end {found.ExpiresAt}");
        }
    }

    // Checks that replaying the published events gives the content of the map.
    private void CompareFeed(IStampedMap map, string when)
    {
        for (long key = 0; key < _keys; key++)
        {
            bool isThere = map.TryGet(key, out SeenEntry entry);
            bool isTold = _told.TryGetValue(key, out (byte[] Value, long Version, long ExpiresAt) told)
                && (told.ExpiresAt == 0 || told.ExpiresAt > Now);
            if (_owed.Contains(key) || (_model.TryGetValue(key, out Known? known) && known.MayBeGone))
            {
                continue;
            }

            Check.That(isThere == isTold,
                $"{when} key {key} is {(isThere ? "there" : "missing")}, and was told {(isTold ? "to be there" : "to be missing")}");
            bool isSame = !isThere
                || (told.Version == entry.Version && told.ExpiresAt == entry.ExpiresAt && entry.Value.AsSpan().SequenceEqual(told.Value));
            Check.That(isSame, $"{when} key {key} has version {entry.Version} and was told to have {told.Version}");
        }
    }

    private sealed record Known(long Operation, long Version, long ExpiresAt, bool MayBeGone)
    {
        public bool HasEnded(long now) => ExpiresAt != 0 && ExpiresAt <= now;
    }

    private sealed class Writer
    {
        public required SimulatedProcess Process { get; set; }

        public IStampedMap? Map { get; set; }
    }

    /// <summary>A sink that may fail, and whose process may die, before and after it stores the event.</summary>
    private sealed class Sink(Dictionary<long, (byte[] Value, long Version, long ExpiresAt)> told, SimulatedProcess process) : IChangeSink
    {
        public void Append(in MapChange change)
        {
            process.CreateDirectory(MapDirectory);
            Keep(in change);
            process.CreateDirectory(MapDirectory);
        }

        private void Keep(in MapChange change)
        {
            long key = change.Kind == MapChangeKind.Clear ? 0 : BitConverter.ToInt64(change.Key);
            switch (change.Kind)
            {
                case MapChangeKind.Clear:
                    told.Clear();
                    break;
                case MapChangeKind.Put:
                    told[key] = (change.Value.ToArray(), change.Version, change.ExpiresAt);
                    break;
                default:
                    told.Remove(key);
                    break;
            }
        }
    }
}
