using Estream.Core;
using Estream.Testing;

namespace Estream.Esf.Generator.Tests;

/// <summary>
/// Memory that ends at an unreadable page: a mapped file that was truncated, so that the kernel has no page after the end of the file.
/// Reading or writing one byte too many crashes the process at that byte, also in unsafe code.
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

    /// <summary>Returns the last bytes before the end.</summary>
    public Span<byte> Last(int length) => _region.All.Span(Bytes - length, length);

    /// <summary>Copies bytes so that they end at the end of the memory.</summary>
    public ReadOnlySpan<byte> Copy(ReadOnlySpan<byte> bytes)
    {
        Span<byte> copy = Last(bytes.Length);
        bytes.CopyTo(copy);
        return copy;
    }

    /// <summary>The memory after the end. Reading it crashes the process.</summary>
    public ReadOnlySpan<byte> Forbidden => _region.All.ReadOnlySpan(Bytes, Behind);

    public void Dispose()
    {
        _region.Dispose();
        _directory.Dispose();
    }
}
