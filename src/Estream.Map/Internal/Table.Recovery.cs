using Estream.Core;

namespace Estream.Map.Internal;

// What the next writer does first. Killed itself, it starts over: every step can be repeated.
internal sealed partial class Table<TKey, TValue>
{
    /// <summary>Takes back a half-written value and makes the count agree with the last entry that came or went.</summary>
    public void Recover()
    {
        JournalHead head = _journal.ReadForRecovery();
        if (head.Kind == JournalKind.None)
        {
            return;
        }

        bool isPossible = (ulong)head.Bucket <= (ulong)_mask
            && (uint)head.Slot < (uint)SlotLayout<TKey, TValue>.SlotsPerBucket
            && head.Kind is JournalKind.Value or JournalKind.Count
            && head.CountBefore >= 0 && head.CountAfter >= 0;
        if (!isPossible)
        {
            throw new EstreamCorruptionException(
                $"The undo journal of '{Path}' names bucket {head.Bucket}, slot {head.Slot}, which the table does not have. The file was damaged; "
                + "restore the map from a copy, or delete its directory and rebuild it from its queue.",
                Path,
                TableLayout.JournalStart);
        }

        RegionBlock block = BlockAt(head.Bucket);
        long control = block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset);
        if (head.Kind == JournalKind.Count)
        {
            // The control word is the operation: if it was stored the entry came or went, if not nothing did.
            SetCount(control == head.Control ? head.CountAfter : head.CountBefore);
        }
        else if (control == head.Control)
        {
            // Readers keep to the journal until the word changes, so they never see the value while it is put back.
            block.At<TValue>(SlotLayout<TKey, TValue>.ValueAt(head.Slot)) = _journal.OldValue<TValue>();
            block.WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset, ControlWord.EndValue(control));
        }
    }
}
