using Estream.Core;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Codecs;

/// <summary>
/// Where every codec writes its messages and reads them from: one slot each in a file mapped into memory that a second process
/// has open, so that no side works on a heap that is its alone.
/// </summary>
internal sealed class CodecSlots : IDisposable
{
    private const string FileName = "messages.bin";

    private readonly MemoryRegion _region;
    private readonly IDisposable _holder;
    private readonly CodecWorkload _workload;
    private readonly int[] _lengths;

    public CodecSlots(string directory, CodecWorkload workload)
    {
        _workload = workload;
        _lengths = new int[workload.Messages];
        _region = FileStorage.Instance.CreateRegion(Path.Combine(directory, FileName), TotalBytes);
        _holder = Holder.Start(HeldStorage.Region, Path.Combine(directory, FileName));
    }

    /// <summary>All slots. A batch takes this once: the slots of a batch are a span in its registers, on every side.</summary>
    public Span<byte> Bytes => _region.All.Span(0, TotalBytes);

    /// <summary>How much of each slot is used.</summary>
    public Span<int> Lengths => _lengths;

    private int TotalBytes => _workload.Messages * _workload.SlotBytes;

    public ReadOnlySpan<byte> Message(int index) => Bytes.Slice(index * _workload.SlotBytes, _lengths[index]);

    public void Dispose()
    {
        _holder.Dispose();
        _region.Dispose();
    }
}
