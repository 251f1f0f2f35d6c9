using System.Buffers.Binary;
using Estream.Core;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>Messages and their signatures, in a file mapped into memory that a second process has open.</summary>
internal sealed class SignatureSlots : IDisposable
{
    private const int SlotBytes = 8192;

    private readonly MemoryRegion _region;
    private readonly IDisposable _holder;
    private readonly int _signatureBytes;

    public SignatureSlots(string directory, int signatureBytes)
    {
        string file = Path.Combine(directory, "signatures.bin");
        _region = FileStorage.Instance.CreateRegion(file, SignatureWorkload.Slots * SlotBytes);
        _holder = Holder.Start(HeldStorage.Region, file);
        _signatureBytes = signatureBytes;
    }

    public static byte[] Context { get; } = new byte[SignatureWorkload.ContextBytes];

    /// <summary>Returns the message of a slot.</summary>
    public Span<byte> Data(int slot) => _region.All.Span(slot * SlotBytes, SignatureWorkload.DataBytes);

    /// <summary>Returns the signature of a slot.</summary>
    public Span<byte> Signature(int slot) => _region.All.Span((slot * SlotBytes) + SignatureWorkload.DataBytes, _signatureBytes);

    /// <summary>Returns message and signature, as they are appended.</summary>
    public ReadOnlySpan<byte> Signed(int slot) => _region.All.Span(slot * SlotBytes, SignatureWorkload.DataBytes + _signatureBytes);

    /// <summary>Writes a number into the message, so that it differs from the others.</summary>
    public void Stamp(int slot, long number) => BinaryPrimitives.WriteInt64LittleEndian(Data(slot), number);

    public void Dispose()
    {
        _holder.Dispose();
        _region.Dispose();
    }
}
