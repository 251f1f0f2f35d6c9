using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

// Creates and commits batches, and reads several keys so that every batch is seen whole or not at all.
public sealed partial class StateMap<TKey, TValue>
{
    private const int MostAttempts = 1_000;
    private const int SpinsBeforeYield = 10;

    private volatile BatchLogView<TKey, TValue>? _logReader;

    /// <summary>
    /// Creates a batch: changes of several keys that are applied atomically, if its requirements are met. The batch can be filled and
    /// committed again and again without further allocation.
    /// </summary>
    /// <param name="capacity">The maximum number of keys in the batch, up to <see cref="StateMap.MaxBatchKeys"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1 or too large; keys and values of a batch are at most 16
    /// MiB.</exception>
    /// <exception cref="EstreamStorageException">The disk has no room for the log of the batch. Nothing changed.</exception>
    /// <exception cref="EstreamLeaseException">All 256 slots for batches, or for writers, are taken.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public MapBatch<TKey, TValue> CreateBatch(int capacity = 16)
    {
        RequireWritable();
        RequireCapacity(capacity);
        return new MapBatch<TKey, TValue>(this, new PlainBatchPlan<TKey, TValue>(capacity, _meta.HashSeed), TakeBatchSlot(capacity));
    }

    internal static void RequireCapacity(int capacity)
    {
        long most = Math.Min(BatchLayout.MaxEntries, BatchLayout.MaxBytes / BatchEntry<TKey, TValue>.Bytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, most);
    }

    internal ulong HashSeed => _meta.HashSeed;

    /// <summary>Takes a slot for a batch, with a log for as many changes.</summary>
    internal BatchSlot<TKey, TValue> TakeBatchSlot(int capacity)
    {
        RequireWritable();
        return _writer.TakeBatchSlot(capacity);
    }

    /// <summary>Releases the slot of a batch.</summary>
    internal void ReleaseBatchSlot(BatchSlot<TKey, TValue> slot) => _writer.ReleaseBatchSlot(slot);

    /// <summary>Applies a batch in one step.</summary>
    /// <returns>Whether its requirements are met; otherwise nothing changed.</returns>
    internal bool Commit(BatchPlan<TKey, TValue> plan, BatchSlot<TKey, TValue> slot)
    {
        RequireWritable();
        return _writer.Commit(plan, slot);
    }

    /// <summary>
    /// Looks several keys up together, so that every batch (<see cref="CreateBatch"/>) of any process is seen whole or not at all. This
    /// also holds for a batch whose writer is still applying it, was stopped or has died. Takes no lock, writes nothing and never waits.
    /// </summary>
    /// <param name="keys">The keys, up to <see cref="StateMap.MaxBatchKeys"/>.</param>
    /// <param name="values">Receives the value of each key, or the default; at least as long as <paramref name="keys"/>.</param>
    /// <param name="found">Receives whether the map has each key; at least as long as <paramref name="keys"/>.</param>
    /// <returns>
    /// Whether it succeeded. Otherwise each of a thousand attempts met the commit of a batch, and the destinations are invalid. Read fewer
    /// keys, or take a snapshot.
    /// </returns>
    /// <remarks>
    /// Costs as much as <see cref="GetMany"/> plus two reads of each batch log, and the same again for every batch committed meanwhile.
    /// Changes outside batches are seen one by one: a later put may be seen without an earlier one. A <see cref="Clear"/> is seen whole.
    /// </remarks>
    /// <exception cref="ArgumentException">A destination is too short, or there are too many keys.</exception>
    /// <exception cref="Core.EstreamCorruptionException">The log of a batch that is being applied is damaged.</exception>
    /// <exception cref="Core.EstreamStorageException">The log of a batch, or the table of a writer, could not be read.</exception>
    public bool TryGetTogether(ReadOnlySpan<TKey> keys, Span<TValue> values, Span<bool> found)
    {
        RequireLength(values.Length, keys.Length, nameof(values));
        RequireLength(found.Length, keys.Length, nameof(found));
        if (keys.Length > StateMap.MaxBatchKeys)
        {
            throw new ArgumentException(
                $"{keys.Length} keys exceed the {StateMap.MaxBatchKeys} that can be read together. Create a snapshot to read more.",
                nameof(keys));
        }

        _ = Tables();
        for (int attempt = 0; attempt < MostAttempts; attempt++)
        {
            if (TryGetOnce(OpenLogReader(), keys, values, found))
            {
                return true;
            }

            BackOff(attempt);
        }

        return false;
    }

    private bool TryGetOnce(BatchLogView<TKey, TValue> logReader, ReadOnlySpan<TKey> keys, Span<TValue> values, Span<bool> found)
    {
        Span<BatchLogSnapshot> snapshots = stackalloc BatchLogSnapshot[logReader.Count];
        TablePair<TKey, TValue> tables = Tables();
        long state = _state.ReadAcquire();
        logReader.ReadStates(snapshots);
        GetMany(keys, values, found);
        bool isWhole = !_opener.IsOfThisRun(_meta) || logReader.TryOverlay(snapshots, _meta.WriterEpoch, keys, values, found);

        // All values are read before the checks whether they belong together. The tables are checked as well as the word: a writer that
        // clears the map shows the empty table to the threads of its own process first.
        Volatile.ReadBarrier();
        return isWhole && logReader.IsUnchangedSince(snapshots) && _meta.LogsMade == logReader.Made
            && _state.ReadAcquire() == state && ReferenceEquals(_tables, tables);
    }

    private BatchLogView<TKey, TValue> OpenLogReader()
    {
        BatchLogView<TKey, TValue>? logReader = _logReader;
        return logReader is not null && logReader.Made == _meta.LogsMade ? logReader : ReopenLogReader();
    }

    // The old reader is left to the garbage collector: another thread may be using it.
    private BatchLogView<TKey, TValue> ReopenLogReader()
    {
        lock (_gate)
        {
            // The count is read before the search for logs: a log announced after this load changes the count.
            long made = _meta.LogsMade;
            if (_logReader is { } logReader && logReader.Made == made)
            {
                return logReader;
            }

            return _logReader = _opener.Logs.OpenLogReader(made, _meta.HashSeed);
        }
    }

    // Each failed attempt means that a writer has committed or ended a batch.
    private static void BackOff(int attempt)
    {
        if (attempt < SpinsBeforeYield)
        {
            Thread.SpinWait(1 << attempt);
        }
        else
        {
            Thread.Yield();
        }
    }
}
