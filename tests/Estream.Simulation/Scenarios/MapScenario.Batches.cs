using Estream.Core;
using Estream.Map;

namespace Estream.Simulation.Scenarios;

// Batches: a batch is applied whole or not at all, wherever a process dies and whatever the disk refuses.
internal sealed partial class MapScenario<TValue>
{
    private const int BatchKeys = 64;

    private readonly bool _hasBatches;

    // The batch that is being committed: for each key, the operation that writes its value; null for a removal.
    private Dictionary<long, long?>? _pendingBatch;

    private void ChangeSeveral()
    {
        if (Ensure() is not { } map)
        {
            return;
        }

        bool isMet = Random.Chance(0.8);
        Dictionary<long, long?> changes = [];
        bool isDone = false;
        bool isAnswered = Try(() =>
        {
            MapBatch<long, TValue> batch = BatchOf(map);
            Fill(batch, changes, isMet);
            _pendingBatch = isMet ? changes : null;
            isDone = batch.Commit();
        });
        _pendingBatch = null;
        Check.That(isDone == isMet || !isAnswered, $"a batch of {changes.Count} keys was {(isDone ? "" : "not ")}done");
        if (isDone)
        {
            Apply(changes);
        }

        NoticeLoss(map);
    }

    // Sometimes creates a new batch, whose log replaces the log of the previous batch.
    private MapBatch<long, TValue> BatchOf(StateMap<long, TValue> map)
    {
        if (Random.Chance(0.2))
        {
            _current.Batch?.Dispose();
            _current.Batch = null;
        }

        MapBatch<long, TValue> batch = _current.Batch ??= map.CreateBatch(Random.Pick(BatchKeys, 2 * BatchKeys));
        batch.Clear();
        return batch;
    }

    private void Fill(MapBatch<long, TValue> batch, Dictionary<long, long?> changes, bool isMet)
    {
        int puts = Random.Below(11);
        for (int count = 1 + Random.Below(Random.Pick(4, BatchKeys)); count > 0; count--)
        {
            long key = Random.Below(_keys);
            changes[key] = Random.Below(10) < puts ? ++_operation : null;
            _flushed?.Remove(key);
            if (changes[key] is { } operation)
            {
                batch.Put(key, _value(operation));
            }
            else
            {
                batch.Remove(key);
            }

            Require(batch, key, isMet: true);
        }

        if (!isMet)
        {
            Require(batch, changes.Keys.First(), isMet: false);
        }
    }

    private void Require(MapBatch<long, TValue> batch, long key, bool isMet)
    {
        bool isThere = _model.TryGetValue(key, out long operation);
        if (isThere == isMet)
        {
            batch.Require(key, _value(operation));
        }
        else
        {
            batch.RequireAbsent(key);
        }
    }

    private void Apply(Dictionary<long, long?> changes)
    {
        foreach ((long key, long? after) in changes)
        {
            if (after is { } operation)
            {
                _model[key] = operation;
            }
            else
            {
                _model.Remove(key);
            }
        }
    }

    private bool IsOf(long operation, in TValue found)
    {
        TValue expected = _value(operation);
        return RawValue.AreEqual(in expected, in found);
    }

    // A batch that was interrupted by a crash is applied completely or not at all. If one key shows the batch's change, all its keys must:
    // the model takes the whole batch, and the comparison that follows checks it.
    private void SettlePendingBatch()
    {
        Dictionary<long, long?> changes = _pendingBatch ?? [];
        _pendingBatch = null;
        if (changes.Any(change => Map!.TryGet(change.Key, out TValue found)
            ? change.Value is { } operation && IsOf(operation, in found)
            : change.Value is null && _model.ContainsKey(change.Key)))
        {
            Apply(changes);
        }
    }
}
