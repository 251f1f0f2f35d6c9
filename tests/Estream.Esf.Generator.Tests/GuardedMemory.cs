using Estream.Core;
using Estream.Testing;

namespace Estream.Esf.Generator.Tests;

/// <summary>
/// Memory that ends where reading ends the process: a mapped file that was cut behind it, so that the kernel has no page to give. Whoever
/// reads or writes a byte too many is caught at that byte, also where the code is not checked.
/// </summary>
internal sealed class GuardedMemory : IDisposable
{
    private const int Bytes = 1 << 16;
    private const int Behind = 1 << 20;

    private readonly TempDirectory _directory = new();
    private readonly MemoryRegion _region;

    public GuardedMemory()
    {
        string path = _directory.Combine("guarded");
        _region = FileStorage.Instance.CreateRegion(path, Bytes + Behind);
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.SetLength(Bytes);
    }

    /// <summary>The last bytes before the end.</summary>
    public Span<byte> Last(int length) => _region.All.Span(Bytes - length, length);

    /// <summary>A copy of bytes that ends at the end.</summary>
    public ReadOnlySpan<byte> Copy(ReadOnlySpan<byte> bytes)
    {
        Span<byte> copy = Last(bytes.Length);
        bytes.CopyTo(copy);
        return copy;
    }

    /// <summary>What lies behind the end. Reading it ends the process.</summary>
    public ReadOnlySpan<byte> Forbidden => _region.All.ReadOnlySpan(Bytes, Behind);

    public void Dispose()
    {
        _region.Dispose();
        _directory.Dispose();
    }
}
