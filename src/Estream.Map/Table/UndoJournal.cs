using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// Describes the writer's next operation before it begins. The next writer uses it to finish or roll back the operation of a dead writer.
/// A reader that finds a half-written value uses it to return the old value without waiting.
/// </summary>
/// <remarks>
/// A journal describes the latest operation until the next one begins; it is never cleared. Its sequence is odd while it is rewritten. A
/// writer that dies then had completed the previous operation and not begun the next, so there is nothing to undo.
/// </remarks>
internal readonly struct UndoJournal(RegionSpan span)
{
    private readonly RegionSpan _span = span;

    /// <summary>
    /// Describes the replacement of a value that needs more than one store. The bucket's control word will be <paramref
    /// name="busyControl"/>.
    /// </summary>
    public void BeginValue<TValue>(long bucket, int slot, long busyControl, ref readonly TValue oldValue)
        where TValue : unmanaged
    {
        ref JournalHead head = ref Reopen();
        head.Kind = JournalKind.Value;
        head.Slot = slot;
        head.Bucket = bucket;
        head.Control = busyControl;
        _span.At<TValue>(TableLayout.JournalHeadBytes) = oldValue;
        Close(ref head);
    }

    /// <summary>
    /// Describes that an entry is added or removed. The operation is complete as soon as the bucket's control word is <paramref
    /// name="controlAfter"/>.
    /// </summary>
    public void BeginCount(long bucket, long controlAfter, long countBefore, long countAfter)
    {
        ref JournalHead head = ref Reopen();
        head.Kind = JournalKind.Count;
        head.Bucket = bucket;
        head.Control = controlAfter;
        head.CountBefore = countBefore;
        head.CountAfter = countAfter;
        Close(ref head);
    }

    /// <summary>Makes the journal describe nothing.</summary>
    public void Forget()
    {
        ref JournalHead head = ref Reopen();
        head.Kind = JournalKind.None;
        Close(ref head);
    }

    /// <summary>Copies the old value of the slot that is being replaced, if the journal describes exactly that replacement.</summary>
    public JournalAnswer ReadOldValue<TValue>(long bucket, int slot, long busyControl, out TValue value)
        where TValue : unmanaged
    {
        ref readonly JournalHead head = ref _span.ReadOnlyAt<JournalHead>(0);

        // Acquire: no field is read before this sequence.
        long sequence = Volatile.Read(in head.Sequence);
        bool isDescribed = (sequence & 1) == 0 && head.Kind == JournalKind.Value && head.Bucket == bucket && head.Control == busyControl;
        bool isOtherSlot = head.Slot != slot;
        value = _span.ReadOnlyAt<TValue>(TableLayout.JournalHeadBytes);

        // Every field is read before the sequence is read again.
        Volatile.ReadBarrier();
        if (!isDescribed || Volatile.Read(in head.Sequence) != sequence)
        {
            return JournalAnswer.Unknown;
        }

        return isOtherSlot ? JournalAnswer.OtherSlot : JournalAnswer.OldValue;
    }

    /// <summary>Returns the operation of the journal's writer, which is dead; the default if it died while it wrote the journal.</summary>
    public JournalHead ReadForRecovery()
    {
        JournalHead head = _span.ReadOnlyAt<JournalHead>(0);
        return (head.Sequence & 1) == 0 ? head : default;
    }

    public ref readonly TValue OldValue<TValue>()
        where TValue : unmanaged => ref _span.ReadOnlyAt<TValue>(TableLayout.JournalHeadBytes);

    private ref JournalHead Reopen()
    {
        ref JournalHead head = ref _span.At<JournalHead>(0);

        // Release: the control word and count of the previous operation are stored before its description becomes invalid. A reader that
        // finds a busy bucket can therefore rely on its description.
        Volatile.Write(ref head.Sequence, (head.Sequence | 1) + ((head.Sequence & 1) << 1));

        // The odd sequence is stored before any of the fields, so that a reader never accepts a mixture as valid.
        Volatile.WriteBarrier();
        return ref head;
    }

    // Release: every field is stored before the even sequence that declares them valid.
    private static void Close(ref JournalHead head) => Volatile.Write(ref head.Sequence, head.Sequence + 1);
}

/// <summary>The fixed part of the journal, as stored in the file.</summary>
[StructLayout(LayoutKind.Sequential, Size = TableLayout.JournalHeadBytes)]
internal struct JournalHead
{
    public long Sequence;
    public JournalKind Kind;
    public int Slot;
    public long Bucket;
    public long Control;
    public long CountBefore;
    public long CountAfter;
}

internal enum JournalKind
{
    None = 0,
    Value = 1,
    Count = 2,
}

internal enum JournalAnswer
{
    /// <summary>The journal describes another operation.</summary>
    Unknown,

    /// <summary>The bucket is busy with another slot; this slot can be read in place.</summary>
    OtherSlot,

    /// <summary>The old value was copied.</summary>
    OldValue,
}

/// <summary>The journals of a table: one for a single writer, or one per stripe, written by the owner of the stripe's lock.</summary>
internal readonly struct UndoJournals
{
    private readonly RegionSpan _area;
    private readonly UndoJournal _first;
    private readonly int _stride;

    public UndoJournals(RegionSpan file, long count, int valueBytes)
    {
        Count = count;
        _stride = TableLayout.JournalStride(valueBytes);
        _area = file.Slice(TableLayout.JournalStart, TableLayout.JournalsBytes(count, valueBytes));
        _first = new UndoJournal(_area.Slice(0, _stride));
    }

    public long Count { get; }

    /// <summary>The journal of a stripe.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UndoJournal Of(long stripe) => Count <= 1 ? _first : new UndoJournal(_area.Slice(stripe * _stride, _stride));
}
