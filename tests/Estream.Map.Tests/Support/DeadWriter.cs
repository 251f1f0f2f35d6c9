using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map.Tests;

/// <summary>Puts the files of a map into the state that a writer killed at a particular instruction leaves, by running the same code as the
/// writer up to that point.</summary>
internal sealed class DeadWriter<TKey, TValue> : IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly MemoryRegion _region;
    private readonly RegionBlocks _buckets;
    private readonly RegionBlocks _heads;
    private readonly UndoJournals _journals;

    public DeadWriter(string directory, long generation = 1)
    {
        _region = FileStorage.Instance.OpenRegion(Path.Combine(directory, MapFormat.TableFile(generation)), RegionAccess.ReadWrite);
        TableShape shape = TableShape.Of<TKey, TValue>();
        TablePlan plan = shape.Plan(
            MapFormat.Version, _region.All.ReadInt64(TableLayout.BucketCount), _region.All.ReadInt32(TableLayout.JournalCount) != 1);
        _buckets = _region.All.AsBlocks(plan.BucketsOffset, plan.BucketCount, shape.BucketBytes);
        _heads = _region.All.AsBlocks(plan.StripesOffset, plan.StripeCount, TableLayout.StripeHeadBytes);
        _journals = new UndoJournals(_region.All, plan.JournalCount, shape.ValueBytes);
    }

    /// <summary>The only journal, or the journal of the first stripe.</summary>
    public UndoJournal Journal => _journals.Of(0);

    public UndoJournal JournalOf(long stripe) => _journals.Of(stripe);

    public JournalHead JournalHeadOf(long stripe) => _journals.Of(stripe).ReadForRecovery();

    public long StripeOf(long bucket) => bucket / (_buckets.Count / _heads.Count);

    public ref long LockOf(long stripe) => ref _heads[stripe].At<long>(StripeLock.WordOffset);

    public ref long BegunOf(long stripe) => ref _heads[stripe].At<long>(TableLayout.StripeBegun);

    public ref JournalHead JournalHead => ref _region.All.At<JournalHead>(TableLayout.JournalStart);

    public long StripeCount => _heads.Count;

    public ref long CountOf(long stripe) => ref _heads[stripe].At<long>(TableLayout.StripeCount);

    public ref long StateOf(long stripe) => ref _heads[stripe].At<long>(TableLayout.StripeState);

    public ref long ControlOf(long bucket) => ref _buckets[bucket].At<long>(0);

    public ref TKey KeyOf(long bucket, int slot) => ref _buckets[bucket].At<TKey>(SlotLayout<TKey, TValue>.KeyAt(slot));

    public ref TValue ValueOf(long bucket, int slot) => ref _buckets[bucket].At<TValue>(SlotLayout<TKey, TValue>.ValueAt(slot));

    public (long Bucket, int Slot) Find(TKey key)
    {
        for (long bucket = 0; bucket < _buckets.Count; bucket++)
        {
            for (int slot = 0; slot < SlotLayout<TKey, TValue>.SlotsPerBucket; slot++)
            {
                if (ControlWord.IsTaken(ControlOf(bucket), slot) && RawValue.AreEqual(in KeyOf(bucket, slot), in key))
                {
                    return (bucket, slot);
                }
            }
        }

        throw new KeyNotFoundException($"{key}");
    }

    public IEnumerable<TKey> KeysOf(long stripe)
    {
        long buckets = _buckets.Count / _heads.Count;
        for (long bucket = stripe * buckets; bucket < (stripe + 1) * buckets; bucket++)
        {
            for (int slot = 0; slot < SlotLayout<TKey, TValue>.SlotsPerBucket; slot++)
            {
                if (ControlWord.IsTaken(ControlOf(bucket), slot))
                {
                    yield return KeyOf(bucket, slot);
                }
            }
        }
    }

    public void Dispose() => _region.Dispose();
}
