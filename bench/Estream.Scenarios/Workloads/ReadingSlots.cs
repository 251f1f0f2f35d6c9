using Estream.Core;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>
/// Where every codec writes its readings and reads them from: one slot each in a file mapped into memory that a second process
/// has open, so that no side works on a heap that is its alone.
/// </summary>
internal sealed class ReadingSlots : IDisposable
{
    public const string FileName = "readings.bin";

    private readonly MemoryRegion _region;
    private readonly IDisposable _holder;
    private readonly int[] _lengths = new int[Readings.Count];

    public ReadingSlots(string directory)
    {
        _region = FileStorage.Instance.CreateRegion(Path.Combine(directory, FileName), Readings.Count * Readings.SlotBytes);
        _holder = Holder.Start(HeldStorage.Region, Path.Combine(directory, FileName));
    }

    /// <summary>All slots. A batch takes this once: the slots of a batch are a span in its registers, on every side.</summary>
    public Span<byte> Bytes => _region.All.Span(0, Readings.Count * Readings.SlotBytes);

    /// <summary>How much of each slot is used.</summary>
    public Span<int> Lengths => _lengths;

    public static Span<byte> Slot(Span<byte> bytes, int index) => bytes.Slice(index * Readings.SlotBytes, Readings.SlotBytes);

    public static ReadOnlySpan<byte> Message(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> lengths, int index) =>
        bytes.Slice(index * Readings.SlotBytes, lengths[index]);

    public void Dispose()
    {
        _holder.Dispose();
        _region.Dispose();
    }
}
