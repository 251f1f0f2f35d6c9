using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map.Tests;

/// <summary>A batch whose writer dies at a particular store. The same code does the steps of the writer up to that point, and stores
/// between two of its calls are made by hand.</summary>
internal sealed class DeadBatch<TValue> : IDisposable
    where TValue : unmanaged
{
    private readonly string _directory;
    private readonly long _word;
    private readonly bool _isAlone;
    private readonly MemoryRegion _meta;
    private readonly Table<long, TValue> _table;
    private readonly DeadWriter<long, TValue> _hand;

    public DeadBatch(string directory, long word, bool isAlone)
    {
        _directory = directory;
        _word = word;
        _isAlone = isAlone;
        _meta = FileStorage.Instance.OpenRegion(Path.Combine(directory, MapFormat.MetaFile), RegionAccess.ReadWrite);
        MetaFile.AllowBatches(_meta.All);
        long generation = MapState.GenerationOf(_meta.All.ReadInt64(MetaLayout.State), MapFormat.Version);
        string path = Path.Combine(directory, MapFormat.TableFile(generation));
        _table = Table<long, TValue>.Open(FileStorage.Instance.OpenRegion(path, RegionAccess.ReadWrite), path, generation, Seed);
        _hand = new DeadWriter<long, TValue>(directory, generation);
        Plan = new PlainBatchPlan<long, TValue>(64, Seed);
    }

    public PlainBatchPlan<long, TValue> Plan { get; }

    public BatchLog<long, TValue>? Log { get; private set; }

    public RegionSpan Meta => _meta.All;

    private ulong Seed => (ulong)_meta.All.ReadInt64(MetaLayout.HashSeed);

    /// <summary>The batch as a list of steps; its writer may die after any of them.</summary>
    /// <param name="half">A value of which only some stores were done.</param>
    public List<(string Name, Action Do)> Steps(TValue half)
    {
        List<(string Name, Action Do)> steps =
        [
            ("lock", Lock),
            ("log", () => WriteLog(_meta.All.ReadInt64(MetaLayout.WriterEpoch))),
            ("commit", CommitLog),
        ];
        for (int index = 0; index < 9; index++)
        {
            AddSteps(steps, index, half);
        }

        // Repeats the first steps: the writer that completes the batch may die, too.
        AddSteps(steps, 0, half);
        steps.Add(("end", () => Log!.End()));
        return steps;
    }

    public void Lock()
    {
        Plan.Sort();
        for (int place = 0; place < Plan.Count; place++)
        {
            if (!_isAlone && Plan.IsNewStripe(_table, place, out long stripe))
            {
                Assert.True(_table.TryLock(stripe, _word));
            }
        }

        Assert.Equal(BatchVerdict.IsReady, Plan.Examine(_table, long.MaxValue, 0));
    }

    public void WriteLog(long epoch, long generationsOff = 0)
    {
        var files = new DirectorySource(FileStorage.Instance, _directory);
        var logs = new BatchLogs<long, TValue>(files);
        logs.CreateFolder();
        Log = logs.Create(OwnerWord.SlotOf(_word), Plan.Capacity, Seed);
        _meta.All.AddInt64(MetaLayout.LogsMade, 1);
        Log.Announce();
        Log.Write(Plan, _table.Generation + generationsOff, epoch);
    }

    public void CommitLog() => Log!.Commit(_word);

    public void Dispose()
    {
        Log?.Dispose();
        _hand.Dispose();
        _table.Dispose();
        _meta.Dispose();
    }

    private void AddSteps(List<(string Name, Action Do)> steps, int index, TValue half)
    {
        if (index < Plan.Count)
        {
            steps.Add(($"announce {index}", () => Announce(index)));
            steps.Add(($"half {index}", () => DoHalf(index, half)));
            steps.Add(($"rest {index}", () => DoRest(index)));
        }
    }

    private EntryPlace PlaceOf(int index) => _table.Locate(in Plan.KeyOf(index));

    private long ControlAfter(EntryPlace place, EntryOutcome outcome) => outcome == EntryOutcome.Put
        ? ControlWord.Take(_hand.ControlOf(place.Home), ControlWord.FirstFree(_hand.ControlOf(place.Home)))
        : ControlWord.Free(_hand.ControlOf(place.Bucket), place.Slot);

    // Writes the journal entry that precedes a change.
    private void Announce(int index)
    {
        EntryPlace place = PlaceOf(index);
        EntryOutcome outcome = Plan.OutcomeOf(index);
        if (outcome == EntryOutcome.Keep || (outcome != EntryOutcome.Put && !place.IsThere))
        {
            return;
        }

        if (outcome == EntryOutcome.Put && place.IsThere)
        {
            if (!SlotLayout<long, TValue>.IsValueAtomic)
            {
                long busy = ControlWord.BeginValue(_hand.ControlOf(place.Bucket));
                _hand.JournalOf(place.Stripe).BeginValue(place.Bucket, place.Slot, busy, in _hand.ValueOf(place.Bucket, place.Slot));
            }
        }
        else if (_isAlone)
        {
            long count = _hand.CountOf(place.Stripe);
            _hand.JournalOf(place.Stripe)
                .BeginCount(outcome == EntryOutcome.Put ? place.Home : place.Bucket, ControlAfter(place, outcome), count,
                    count + (outcome == EntryOutcome.Put ? 1 : -1));
        }
    }

    // Leaves a half-written value, or an entry that is shown or hidden but not counted yet.
    private void DoHalf(int index, TValue half)
    {
        EntryPlace place = PlaceOf(index);
        EntryOutcome outcome = Plan.OutcomeOf(index);
        if (outcome == EntryOutcome.Put && place.IsThere)
        {
            if (!SlotLayout<long, TValue>.IsValueAtomic)
            {
                _hand.ControlOf(place.Bucket) = ControlWord.BeginValue(_hand.ControlOf(place.Bucket));
                _hand.ValueOf(place.Bucket, place.Slot) = half;
            }
        }
        else if (outcome == EntryOutcome.Put)
        {
            int slot = ControlWord.FirstFree(_hand.ControlOf(place.Home));
            Assert.True(slot < SlotLayout<long, TValue>.SlotsPerBucket, "the home bucket of a new key is full; take another seed");
            _hand.KeyOf(place.Home, slot) = Plan.KeyOf(index);
            _hand.ValueOf(place.Home, slot) = Plan.ValueOf(index);
            _hand.ControlOf(place.Home) = ControlAfter(place, outcome);
        }
        else if (outcome == EntryOutcome.Remove && place.IsThere)
        {
            _hand.ControlOf(place.Bucket) = ControlAfter(place, outcome);
        }
    }

    private void DoRest(int index)
    {
        EntryPlace place = PlaceOf(index);
        EntryOutcome outcome = Plan.OutcomeOf(index);
        if (outcome == EntryOutcome.Put)
        {
            _hand.ValueOf(place.Bucket, place.Slot) = Plan.ValueOf(index);
            if (ControlWord.IsBusy(_hand.ControlOf(place.Bucket)))
            {
                _hand.ControlOf(place.Bucket) = ControlWord.EndValue(_hand.ControlOf(place.Bucket));
            }
        }

        _hand.CountOf(place.Stripe) = _hand.KeysOf(place.Stripe).LongCount();
    }
}
