using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>The journals of a table: one for its one writer, or one for each stripe, which the owner of the stripe's lock writes.</summary>
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
