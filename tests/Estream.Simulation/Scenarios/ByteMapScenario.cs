using Estream.Core;
using Estream.Map;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// One writer of a byte map and another process that reads it, with files so small that they are released and reused all the time. After a
/// crash of a process the map is unchanged. After a power cut a map that was closed is unchanged. A map that was open reports that it may
/// be incomplete, has all entries that were flushed and not changed since, and returns only values that were put (docs/formats/bytemap.md).
/// </summary>
internal sealed partial class ByteMapScenario : Scenario
{
    private const string Directory = "/bytes";

    private static readonly QueueKeyRing s_keys = new("first", new byte[QueueKeyRing.KeyBytes]);

    private readonly ByteMapOptions _options;
    private readonly int _keys;
    private readonly Dictionary<int, HashSet<long>> _everPut = [];
    private Dictionary<int, long> _model = [];
    private Dictionary<int, long>? _flushed;
    private (int Key, long Operation)? _begun;
    private bool _isClearing;
    private bool _isClosed;
    private bool _hasFailedFlush;
    private bool _mayHaveFailed;
    private long _operation;
    private ByteMap? _map;
    private ByteMap? _reader;
    private readonly Queue<(ByteMapSnapshot Snapshot, Dictionary<int, long> Model)> _snapshots = new();

    public ByteMapScenario(Simulation run, bool hasBatches = false, bool isEncrypted = false)
        : base(run)
    {
        _hasBatches = hasBatches;
        _keys = Random.Pick(5, 40, 120);
        _options = new ByteMapOptions
        {
            InitialCapacity = 0, SegmentBytes = Random.Pick(4096, 8192, 16384), Clock = Machine.Clock,
            Keys = isEncrypted ? s_keys : null,
        };
    }

    protected override IEnumerable<Step> Steps =>
    [
        new Step("put", 40, () => Put(Random.Below(_keys))),
        new Step("put many", 10, PutMany),
        new Step("remove", 15, Remove),
        new Step("compare and exchange", 5, CompareExchange),
        .. _hasBatches ? [new Step("change several", 25, ChangeSeveral)] : Array.Empty<Step>(),
        new Step("clear", 1, Clear),
        new Step("flush", 5, Flush),
        new Step("compact", 2, Compact),
        .. _options.Keys is null ? Array.Empty<Step>() : [new Step("rotate the key", 2, RotateKey)],
        new Step("take a snapshot", 3, TakeSnapshot),
        new Step("look at the snapshots", 3, CheckSnapshots),
        new Step("close", 3, Close),
        new Step("look from another process", 5, LookFromOutside),
        new Step("look", 5, Look),
    ];

    protected override void Begin() => Ensure();

    protected override void End()
    {
        (Machine.FailureChance, Machine.CapacityBytes) = (default, long.MaxValue);
        LookFromOutside();
        Look();
        CheckSnapshots();
    }

    protected override void Recover(Death death)
    {
        _map = null;
        _batch = null;
        _snapshots.Clear();
        if (death == Death.PowerCut)
        {
            _reader = null;
            RecoverFromPowerCut();
            return;
        }

        Open();
        if (_isClearing && _map!.Count == 0)
        {
            _model = [];
            _hasFailedFlush &= _map.HostCrashed;
        }

        _isClearing = false;
        NoticeLoss(_map!);
        FinishBegun(_map!);
        FinishBatch(_map!);
        Compare(_map!, "after a kill");
        LookFromOutside();
    }

    // A change interrupted by a crash is applied or not; reading the map shows which. A removal is operation 0.
    private void FinishBegun(ByteMap map)
    {
        if (_begun is (int key, long operation))
        {
            bool isThere = map.TryGet(Key(key), out byte[]? value);
            bool isDone = operation == 0 ? !isThere : isThere && value.AsSpan().SequenceEqual(Value(operation));
            _model[key] = isDone ? operation : _model.GetValueOrDefault(key);
            Forget(key, _model[key] == 0);
        }

        _begun = null;
    }

    private void RecoverFromPowerCut()
    {
        bool wasClosed = _isClosed;
        _pendingBatch = null;
        bool mustBeThere = wasClosed || _flushed is not null;
        try
        {
            Open();
        }
        catch (EstreamException damage)
        {
            Run.Note($"  not to be opened: {damage.GetType().Name}");
            Check.That(!mustBeThere, $"the map was on the device: {damage.Message}");
            foreach (string name in Process.ListFiles(Directory, ""))
            {
                Process.Delete(Path.Combine(Directory, name));
            }

            Open();
        }

        if (wasClosed)
        {
            _begun = null;
            Check.That(!_map!.HostCrashed, "the map was closed when the machine stopped, and says otherwise");
            Compare(_map, "after a power cut it was closed before");
            return;
        }

        CheckWhatIsThere();
        _flushed = null;
        _begun = null;
        _hasFailedFlush = false;
        _isClearing = false;
        _map!.Clear();
        _model = [];
        Check.That(!_map.HostCrashed, "a cleared map still believes that it is incomplete");
    }

    // Checks that the map has only values that were once put under their key, and every entry that was flushed and not changed since.
    private void CheckWhatIsThere()
    {
        Dictionary<int, long> found = Read(_map!, "after a power cut");
        foreach ((int key, long operation) in found)
        {
            Check.That(_everPut.TryGetValue(key, out HashSet<long>? put) && put.Contains(operation),
                $"key {key} has a value nobody put there");
        }

        foreach ((int key, long operation) in _flushed ?? [])
        {
            bool isThere = found.TryGetValue(key, out long is_);
            Check.That(isThere && is_ == operation,
                $"key {key} was flushed, was not touched since, and is {(isThere ? "another" : "missing")}");
        }
    }

    private void Open()
    {
        // The map counts as open from here on, even if Open fails.
        _isClosed = false;
        _map = ByteMap.Open(Directory, _options with { Storage = Process });
    }

    private ByteMap? Ensure()
    {
        _mayHaveFailed |= MayFail;
        if (_map is null)
        {
            Try(Open);
        }

        return _map;
    }

    private void Put(int key)
    {
        if (Ensure() is { } map)
        {
            long operation = ++_operation;
            bool isNew = false;
            Touch(key, operation);
            if (Try(() => isNew = map.Put(Key(key), Value(operation))))
            {
                Check.That(isNew == !_model.ContainsKey(key), $"key {key} is {(isNew ? "" : "not ")}new, says the map");
                _model[key] = operation;
            }

            _begun = null;
            NoticeLoss(map);
        }
    }

    private void PutMany()
    {
        for (int count = Random.Below(80); count > 0; count--)
        {
            Put(Random.Below(_keys));
        }
    }

    private void Remove()
    {
        int key = Random.Below(_keys);
        if (Ensure() is { } map)
        {
            Touch(key, 0);
            bool isRemoved = false;
            if (Try(() => isRemoved = map.Remove(Key(key))))
            {
                Check.That(isRemoved == _model.Remove(key), $"removing key {key}");
            }

            _begun = null;
            NoticeLoss(map);
        }
    }

    private void CompareExchange()
    {
        int key = Random.Below(_keys);
        if (Ensure() is { } map)
        {
            bool isExpected = _model.TryGetValue(key, out long current) && Random.Chance(0.7);
            long operation = ++_operation;
            Touch(key, operation);
            bool isDone = false;
            if (Try(() => isDone = map.CompareExchange(Key(key), Value(isExpected ? current : operation), Value(operation))))
            {
                Check.That(isDone == isExpected, $"comparing and exchanging key {key}");
                _model[key] = isDone ? operation : _model.GetValueOrDefault(key);
                Forget(key, _model[key] == 0);
            }

            _begun = null;
            NoticeLoss(map);
        }
    }

    private void Forget(int key, bool isMissing)
    {
        if (isMissing)
        {
            _model.Remove(key);
        }
    }

    private void Touch(int key, long operation)
    {
        _begun = (key, operation);
        _flushed?.Remove(key);
        _everPut.TryAdd(key, []);
        _everPut[key].Add(operation);
    }

    private void Clear()
    {
        if (Ensure() is { } map)
        {
            // A crash during Clear, or a device that refuses its last step, leaves all entries or none.
            _isClearing = true;
            _flushed = null;
            bool isDone = Try(map.Clear);
            _hasFailedFlush &= !isDone;
            _model = isDone || map.Count == 0 ? [] : _model;
            _isClearing = false;
            NoticeLoss(map);
        }
    }

    // A successful flush after a failed one proves nothing: the kernel has marked the pages of the failed flush as clean.
    private void Flush()
    {
        if (Ensure() is { } map)
        {
            _hasFailedFlush |= !Try(map.Flush);
            _flushed = _hasFailedFlush ? null : new Dictionary<int, long>(_model);
            Check.That(map.HostCrashed || !_hasFailedFlush, "a map whose flush failed does not know that it may be incomplete");
        }
    }

    private void Compact()
    {
        if (Ensure() is { } map)
        {
            Try(map.Compact);
            NoticeLoss(map);
        }
    }

    private void RotateKey()
    {
        if (Ensure() is { } map)
        {
            Try(() => map.RotateKey());
            NoticeLoss(map);
        }
    }

    // The map sometimes flushes by itself. If the device refuses that flush, the map may be incomplete, as after any failed flush.
    private void NoticeLoss(ByteMap map)
    {
        if (!_hasFailedFlush && map.HostCrashed)
        {
            Check.That(_mayHaveFailed, "a map says that it may be incomplete, and nothing was refused");
            _hasFailedFlush = true;
            _flushed = null;
        }
    }

    private void Look()
    {
        if (Ensure() is { } map)
        {
            Compare(map, "to its writer");
        }
    }

    private void TakeSnapshot()
    {
        if (Ensure() is not { } map)
        {
            return;
        }

        Try(() => _snapshots.Enqueue((map.CreateSnapshot(), new Dictionary<int, long>(_model))));
        NoticeLoss(map);
        if (_snapshots.Count > 3)
        {
            CheckSnapshots();
            _snapshots.Dequeue().Snapshot.Dispose();
        }
    }

    private void CheckSnapshots()
    {
        foreach ((ByteMapSnapshot snapshot, Dictionary<int, long> model) in _snapshots)
        {
            Dictionary<int, long> found = [];
            foreach (ByteMapEntry entry in snapshot)
            {
                Note(entry, found, "in a snapshot");
            }

            Check.That(found.Count == model.Count && snapshot.Count == model.Count,
                $"a snapshot counts {snapshot.Count} entries and shows {found.Count}, {model.Count} were there");
            Check.That(model.All(pair => found.TryGetValue(pair.Key, out long operation) && operation == pair.Value),
                "a snapshot is not what the map was");
        }
    }

    private void LookFromOutside()
    {
        if (Ensure() is not null)
        {
            Try(() =>
            {
                _reader ??= ByteMap.OpenReadOnly(Directory, _options with { Storage = Machine.Start() });
                Compare(_reader, "to another process");
            });
            if (Random.Chance(0.2))
            {
                _reader?.Dispose();
                _reader = null;
            }
        }
    }

    private void Close()
    {
        _mayHaveFailed |= MayFail;
        if (_map is not null)
        {
            bool isDone = Try(() =>
            {
                _batch?.Dispose();
                _map.Dispose();
            });
            (_map, _batch) = (null, null);
            _snapshots.Clear();
            _hasFailedFlush |= !isDone;
            _isClosed = !_hasFailedFlush;
            _flushed = _hasFailedFlush ? null : new Dictionary<int, long>(_model);
        }
    }

    private void Compare(ByteMap map, string when)
    {
        Check.That(map.Count == _model.Count, $"{when} the map counts {map.Count} entries, {_model.Count} are there");
        Dictionary<int, long> found = Read(map, when);
        Check.That(found.Count == _model.Count, $"{when} {found.Count} entries are enumerated of {_model.Count}");
        for (int key = 0; key < _keys; key++)
        {
            bool isThere = map.TryGet(Key(key), out byte[]? value);
            Check.That(isThere == _model.TryGetValue(key, out long operation), $"{when} key {key} is {(isThere ? "there" : "missing")}");
            Check.That(!isThere || (found[key] == operation && value.AsSpan().SequenceEqual(Value(operation))),
                $"{when} key {key} has another value");
        }
    }

    private Dictionary<int, long> Read(ByteMap map, string when)
    {
        Dictionary<int, long> found = [];
        foreach (ByteMapEntry entry in map)
        {
            Note(entry, found, when);
        }

        return found;
    }

    private static void Note(ByteMapEntry entry, Dictionary<int, long> found, string when)
    {
        int key = BitConverter.ToInt32(entry.Key);
        long operation = entry.Value.Length >= sizeof(long) ? BitConverter.ToInt64(entry.Value) : 0;
        Check.That(entry.Key.SequenceEqual(Key(key)) && entry.Value.SequenceEqual(Value(operation)),
            $"{when} an entry is shown that is not whole");
        Check.That(found.TryAdd(key, operation), $"{when} key {key} comes twice");
    }

    private static byte[] Key(int key) => [.. BitConverter.GetBytes(key), .. new byte[key % 40]];

    // Most values are smaller than a sector, some have several sectors, and some are larger than a file of the heap.
    private static byte[] Value(long operation)
    {
        int length = (operation % 50) switch
        {
            0 => 6_000,
            < 5 => 1_500,
            _ => (int)(operation * 31 % 300),
        };
        byte[] value = new byte[sizeof(long) + length];
        value.AsSpan().Fill((byte)operation);
        BitConverter.TryWriteBytes(value, operation);
        return value;
    }
}
