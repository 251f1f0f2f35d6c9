using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// The logs of all batches of a map, for who reads several keys and is to have all of a batch or nothing. It writes nothing and waits for
/// nobody: what is being made of a batch is in the log whole, and that another one was committed meanwhile is seen by its turn. See
/// docs/formats/map.md, Reading several keys together.
/// </summary>
/// <param name="made">How many logs had been announced before these were looked for: when there is another one these are not all.</param>
/// <param name="logs">The logs.</param>
/// <param name="isOwner">Whether they were opened for this alone.</param>
internal sealed class BatchWatch<TKey, TValue>(long made, BatchLog<TKey, TValue>[] logs, bool isOwner) : IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    public long Made { get; } = made;

    public int Count => logs.Length;

    /// <summary>Looks at every log before anything is read.</summary>
    public void Note(Span<BatchMoment> moments)
    {
        for (int index = 0; index < logs.Length; index++)
        {
            moments[index] = logs[index].Now;
        }
    }

    /// <summary>Puts what batches that are being made say of the keys in the place of what was read of them.</summary>
    /// <param name="moments">What <see cref="Note"/> saw.</param>
    /// <param name="epoch">The opening of the map of which a log must be.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="values">What was read of each.</param>
    /// <param name="found">Whether it was there.</param>
    /// <returns>Whether what was taken was whole; otherwise it has ended by now.</returns>
    /// <exception cref="EstreamCorruptionException">It has not, so the log is damaged.</exception>
    public bool TryOverlay(ReadOnlySpan<BatchMoment> moments, long epoch, ReadOnlySpan<TKey> keys, Span<TValue> values, Span<bool> found)
    {
        for (int index = 0; index < logs.Length; index++)
        {
            if (moments[index].Owner == OwnerWord.Nobody || logs[index].MapEpoch != epoch)
            {
                continue;
            }

            if (!logs[index].IsWhole(out int count))
            {
                RequireEnded(logs[index], moments[index]);
                return false;
            }

            Overlay(logs[index], count, keys, values, found);
        }

        GC.KeepAlive(this);
        return true;
    }

    /// <summary>Whether no batch was committed since, and none ended. Call it behind a read barrier behind what was read.</summary>
    public bool IsStill(ReadOnlySpan<BatchMoment> moments)
    {
        bool isStill = true;
        for (int index = 0; index < logs.Length && isStill; index++)
        {
            isStill = logs[index].IsStill(moments[index]);
        }

        GC.KeepAlive(this);
        return isStill;
    }

    public void Dispose()
    {
        if (isOwner)
        {
            Array.ForEach(logs, log => log.Dispose());
        }
    }

    private static void RequireEnded(BatchLog<TKey, TValue> log, BatchMoment moment)
    {
        Volatile.ReadBarrier();
        if (log.IsStill(moment))
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
