using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// Reads the batch logs of a map, so that a read of several keys sees each batch whole or not at all. It writes nothing and never waits:
/// a log has the whole batch that is being applied, and its turn shows whether another one was committed meanwhile. See
/// docs/formats/map.md, Reading several keys together.
/// </summary>
/// <param name="made">The number of logs announced before the search for these logs: if that number changes, some are missing here.</param>
/// <param name="logs">The logs.</param>
/// <param name="isOwner">Whether this object disposes them.</param>
internal sealed class BatchLogView<TKey, TValue>(long made, BatchLog<TKey, TValue>[] logs, bool isOwner) : IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    public long Made { get; } = made;

    public int Count => logs.Length;

    /// <summary>Reads the state of every log, before any key is read.</summary>
    public void ReadStates(Span<BatchLogSnapshot> snapshots)
    {
        for (int index = 0; index < logs.Length; index++)
        {
            snapshots[index] = logs[index].Now;
        }
    }

    /// <summary>Overwrites the values that were read with the values of batches that are being applied.</summary>
    /// <param name="snapshots">The states that <see cref="ReadStates"/> read.</param>
    /// <param name="epoch">The writer epoch that a log must have.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="values">The value read for each key.</param>
    /// <param name="found">Whether the map has the key.</param>
    /// <returns>Whether each of these logs was whole; otherwise the batch of a log has ended meanwhile.</returns>
    /// <exception cref="EstreamCorruptionException">A log is not whole, and its batch has not ended.</exception>
    public bool TryOverlay(
        ReadOnlySpan<BatchLogSnapshot> snapshots, long epoch, ReadOnlySpan<TKey> keys, Span<TValue> values, Span<bool> found)
    {
        for (int index = 0; index < logs.Length; index++)
        {
            if (snapshots[index].Owner == OwnerWord.Nobody || logs[index].MapEpoch != epoch)
            {
                continue;
            }

            if (!logs[index].IsWhole(out int count))
            {
                RequireEnded(logs[index], snapshots[index]);
                return false;
            }

            Overlay(logs[index], count, keys, values, found);
        }

        GC.KeepAlive(this);
        return true;
    }

    /// <summary>Whether no batch was committed or ended since these states were read. Call it after the reads and a read barrier.</summary>
    public bool IsUnchangedSince(ReadOnlySpan<BatchLogSnapshot> snapshots)
    {
        bool isUnchanged = true;
        for (int index = 0; index < logs.Length && isUnchanged; index++)
        {
            isUnchanged = logs[index].IsUnchangedSince(snapshots[index]);
        }

        GC.KeepAlive(this);
        return isUnchanged;
    }

    public void Dispose()
    {
        if (isOwner)
        {
            Array.ForEach(logs, log => log.Dispose());
        }
    }

    private static void RequireEnded(BatchLog<TKey, TValue> log, BatchLogSnapshot moment)
    {
        Volatile.ReadBarrier();
        if (log.IsUnchangedSince(moment))
        {
            _ = log.RequireWhole();
        }
    }

    private static void Overlay(BatchLog<TKey, TValue> log, int count, ReadOnlySpan<TKey> keys, Span<TValue> values, Span<bool> found)
    {
        for (int change = 0; change < count; change++)
        {
            bool isPut = log.OutcomeAt(change) == EntryOutcome.Put;
            for (int index = 0; index < keys.Length; index++)
            {
                if (RawValue.AreEqual(in keys[index], in log.KeyAt(change)))
                {
                    found[index] = isPut;
                    values[index] = isPut ? log.ValueAt(change) : default;
                }
            }
        }
    }
}

/// <summary>The state of a batch log at one moment, for a reader.</summary>
/// <param name="Turn">The number of batches that began and ended in the log.</param>
/// <param name="Owner">The owner of the batch that is being applied; <see cref="OwnerWord.Nobody"/> if there is none.</param>
internal readonly record struct BatchLogSnapshot(long Turn, long Owner);
