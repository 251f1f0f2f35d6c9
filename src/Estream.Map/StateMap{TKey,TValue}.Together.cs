using Estream.Map.Internal;

namespace Estream.Map;

// Several keys of which a batch is seen whole or not at all, by whoever may read the map.
public sealed partial class StateMap<TKey, TValue>
{
    private const int MostAttempts = 1_000;
    private const int SpinsBeforeYield = 10;

    private volatile BatchWatch<TKey, TValue>? _watch;

    /// <summary>
    /// Looks several keys up together: of every batch (<see cref="CreateBatch"/>), of whichever process, all is seen or nothing, also of
    /// one whose writer is in the middle of it, stopped or dead. Takes no lock, writes nothing and waits for nobody.
    /// </summary>
    /// <param name="keys">The keys, up to <see cref="StateMap.MaxBatchKeys"/>.</param>
    /// <param name="values">Gets the value of each key, or the default; at least as long as <paramref name="keys"/>.</param>
    /// <param name="found">Gets whether each key is there; at least as long as <paramref name="keys"/>.</param>
    /// <returns>
    /// Whether it was done. Otherwise none of a thousand attempts fell between two batches, what the destinations have is not to be used,
    /// and fewer keys, or a snapshot, are what is left.
    /// </returns>
    /// <remarks>
    /// Costs what <see cref="GetMany"/> costs, and two looks at the log of each place from which batches are written; as often as batches
    /// are committed meanwhile. Changes that are no batches are each seen by themselves: of two puts the later may be seen without the
    /// earlier. A <see cref="Clear"/> is seen whole.
    /// </remarks>
    /// <exception cref="ArgumentException">A destination is too short, or the keys are too many.</exception>
    /// <exception cref="Core.EstreamCorruptionException">The log of a batch that is being made is damaged.</exception>
    /// <exception cref="Core.EstreamStorageException">The log of a batch, or a table that a writer has made, may not be read.</exception>
    public bool TryGetTogether(ReadOnlySpan<TKey> keys, Span<TValue> values, Span<bool> found)
    {
        RequireLength(values.Length, keys.Length, nameof(values));
        RequireLength(found.Length, keys.Length, nameof(found));
        if (keys.Length > StateMap.MaxBatchKeys)
        {
            throw new ArgumentException($"{keys.Length} keys are more than the {StateMap.MaxBatchKeys} that can be read together. Take a snapshot to see more.", nameof(keys));
        }

        _ = Tables();
        for (int attempt = 0; attempt < MostAttempts; attempt++)
        {
            if (TryGetOnce(Watch(), keys, values, found))
            {
                return true;
            }

            GiveWay(attempt);
        }

        return false;
    }

    private bool TryGetOnce(BatchWatch<TKey, TValue> watch, ReadOnlySpan<TKey> keys, Span<TValue> values, Span<bool> found)
    {
        Span<BatchMoment> moments = stackalloc BatchMoment[watch.Count];
        TablePair<TKey, TValue> tables = Tables();
        long state = _state.ReadAcquire();
        watch.Note(moments);
        GetMany(keys, values, found);
        bool isWhole = !_opener.IsOfThisRun(_meta) || watch.TryOverlay(moments, _meta.WriterEpoch, keys, values, found);

        // All that was read is read before the looks that say whether it belongs together. The tables are looked at as well as the word: a
        // writer that clears the map shows the empty one to the threads of its process first.
        Volatile.ReadBarrier();
        return isWhole && watch.IsStill(moments) && _meta.LogsMade == watch.Made && _state.ReadAcquire() == state && ReferenceEquals(_tables, tables);
    }

    private BatchWatch<TKey, TValue> Watch()
    {
        BatchWatch<TKey, TValue>? watch = _watch;
        return watch is not null && watch.Made == _meta.LogsMade ? watch : WatchAnew();
    }

    // The watch before is left to the collector: another thread may be looking through it.
    private BatchWatch<TKey, TValue> WatchAnew()
    {
        lock (_gate)
        {
            // Before the logs are looked for: one that comes later is announced later.
            long made = _meta.LogsMade;
            if (_watch is { } watch && watch.Made == made)
            {
                return watch;
            }

            return _watch = _opener.Logs.Watch(made, _meta.HashSeed);
        }
    }

    // Each turn means that some writer has committed a batch, or ended one.
    private static void GiveWay(int attempt)
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
