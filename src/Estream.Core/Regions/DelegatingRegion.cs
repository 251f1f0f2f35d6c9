namespace Estream.Core;

/// <summary>
/// A base class for regions that wrap another one. A simulated <see cref="IStorage"/> derives from it to observe or fail prefaults, flushes
/// and locks. Each member calls the wrapped region.
/// </summary>
/// <remarks>Thread-safety and lifetime are those of the wrapped region. Disposing this region disposes the wrapped one.</remarks>
public unsafe class DelegatingRegion : MemoryRegion
{
    private readonly MemoryRegion _inner;

    /// <summary>Wraps a region and takes its ownership.</summary>
    /// <param name="inner">A region that is not disposed.</param>
    public DelegatingRegion(MemoryRegion inner)
        : base(inner ?? throw new ArgumentNullException(nameof(inner)))
    {
        _inner = inner;
    }

    /// <inheritdoc/>
    public override void Prefault(long offset, long length) => _inner.Prefault(offset, length);

    /// <inheritdoc/>
    public override void Load(long offset, long length) => _inner.Load(offset, length);

    /// <inheritdoc/>
    public override void Flush(long offset, long length) => _inner.Flush(offset, length);

    /// <inheritdoc/>
    public override void WriteBehind(long offset, long length) => _inner.WriteBehind(offset, length);

    /// <inheritdoc/>
    public override void AwaitWritten(long offset, long length) => _inner.AwaitWritten(offset, length);

    /// <inheritdoc/>
    public override void DropBehind(long offset, long length) => _inner.DropBehind(offset, length);

    /// <inheritdoc/>
    public override HugePages HugePages => _inner.HugePages;

    /// <inheritdoc/>
    public override WaitOutcome WaitInt32(long offset, int expected, TimeSpan timeout) => _inner.WaitInt32(offset, expected, timeout);

    /// <inheritdoc/>
    public override int WakeInt32(long offset, int count = int.MaxValue) => _inner.WakeInt32(offset, count);

    /// <inheritdoc/>
    public override bool TryLock(LockMode mode) => _inner.TryLock(mode);

    /// <inheritdoc/>
    public override void Unlock() => _inner.Unlock();

    // SAFETY: the memory belongs to the inner region, which frees it once; this one only stops returning windows.
    private protected override void Release(byte* address, long length) => _inner.Dispose();
}
