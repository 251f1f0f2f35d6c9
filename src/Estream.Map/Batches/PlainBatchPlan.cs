using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>The batch of a map without versions.</summary>
internal sealed class PlainBatchPlan<TKey, TValue>(int capacity, ulong hashSeed) : BatchPlan<TKey, TValue>(capacity, hashSeed)
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly Requirement[] _requirements = new Requirement[capacity];
    private readonly Cell<TValue>[] _expected = Cell<TValue>.Make(capacity);

    private enum Requirement : byte
    {
        None,
        Absence,
        Value,
    }

    public void Put(in TKey key, in TValue value)
    {
        int index = EntryOf(in key);
        Values[index].Value = value;
        Ask(index, EntryOutcome.Put);
    }

    public void Remove(in TKey key) => Ask(EntryOf(in key), EntryOutcome.Remove);

    public void Require(in TKey key, in TValue value)
    {
        int index = EntryOf(in key);
        _requirements[index] = Requirement.Value;
        _expected[index].Value = value;
    }

    public void RequireAbsent(in TKey key) => _requirements[EntryOf(in key)] = Requirement.Absence;

    public override void UseVersions(Table<TKey, TValue> table)
    {
    }

    protected override void Begin(int index) => _requirements[index] = Requirement.None;

    protected override bool TryDecide(
        int index, bool isThere, ref readonly TValue value, ref long version, ref EntryOutcome outcome) => _requirements[index] switch
    {
        Requirement.Absence => !isThere,
        Requirement.Value => isThere && RawValue.AreEqual(in value, in _expected[index].Value),
        _ => true,
    };
}
