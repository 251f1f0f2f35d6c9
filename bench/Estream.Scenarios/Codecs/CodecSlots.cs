using Estream.Core;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Codecs;

/// <summary>
/// The slots that codecs write their messages to and read them from: one slot each in a mapped file that a second process
/// has open, so that every codec works on shared memory instead of its own heap.
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

    /// <summary>All slots. A batch reads this property once, so that every codec has the span of the slots in registers.</summary>
    public Span<byte> Bytes => _region.All.Span(0, TotalBytes);

    /// <summary>The used length of each slot.</summary>
    public Span<int> Lengths => _lengths;

    private int TotalBytes => _workload.Messages * _workload.SlotBytes;

    public ReadOnlySpan<byte> Message(int index) => Bytes.Slice(index * _workload.SlotBytes, _lengths[index]);

    public void Dispose()
    {
        _holder.Dispose();
        _region.Dispose();
    }
}
