using Estream.Map;

namespace Estream.Simulation.Scenarios;

// Batches: a batch is applied whole or not at all, wherever a process dies and whatever the disk refuses.
internal sealed partial class ByteMapScenario
{
    private const int BatchKeys = 64;

    private readonly bool _hasBatches;
    private ByteMapBatch? _batch;

    // The batch that is being committed: for each key, the operation that writes its value; 0 for a removal.
    private Dictionary<int, long>? _pendingBatch;

    private void ChangeSeveral()
    {
        if (Ensure() is not { } map)
        {
            return;
        }

        bool isMet = Random.Chance(0.8);
        Dictionary<int, long> changes = [];
        bool isDone = false;
        bool isAnswered = Try(() =>
        {
            ByteMapBatch batch = BatchOf(map);
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
    private ByteMapBatch BatchOf(ByteMap map)
    {
        if (Random.Chance(0.2))
        {
            _batch?.Dispose();
            _batch = null;
        }

        _batch ??= map.CreateBatch(Random.Pick(BatchKeys, 2 * BatchKeys));
        _batch.Clear();
        return _batch;
    }

    private void Fill(ByteMapBatch batch, Dictionary<int, long> changes, bool isMet)
    {
        int puts = Random.Below(11);
        for (int count = 1 + Random.Below(Random.Pick(4, BatchKeys)); count > 0; count--)
        {
            int key = Random.Below(_keys);
            changes[key] = Random.Below(10) < puts ? ++_operation : 0;
            Touch(key, changes[key]);
            if (changes[key] > 0)
            {
                batch.Put(Key(key), Value(changes[key]));
            }
            else
            {
                batch.Remove(Key(key));
            }

            Require(batch, key, isMet: true);
        }

        _begun = null;
        if (!isMet)
        {
            Require(batch, changes.Keys.First(), isMet: false);
        }
    }

    private void Require(ByteMapBatch batch, int key, bool isMet)
    {
        bool isThere = _model.TryGetValue(key, out long operation);
        if (isThere == isMet)
        {
            batch.Require(Key(key), Value(operation));
        }
        else
        {
            batch.RequireAbsent(Key(key));
        }
    }

    private void Apply(Dictionary<int, long> changes)
    {
        foreach ((int key, long operation) in changes)
        {
            _model[key] = operation;
            Forget(key, operation == 0);
        }
    }

    // A batch that was interrupted by a crash is applied completely or not at all. If one key shows the batch's change, all its keys must:
    // the model takes the whole batch, and the comparison that follows checks it.
    private void FinishBatch(ByteMap map)
    {
        Dictionary<int, long> changes = _pendingBatch ?? [];
        _pendingBatch = null;
        if (changes.Any(change => map.TryGet(Key(change.Key), out byte[]? found)
            ? change.Value > 0 && found.AsSpan().SequenceEqual(Value(change.Value))
            : change.Value == 0 && _model.ContainsKey(change.Key)))
        {
            Apply(changes);
        }
    }
}
