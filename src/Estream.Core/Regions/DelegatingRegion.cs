namespace Estream.Core;

/// <summary>
/// A region in the memory of another, to derive from: <see cref="IStorage"/> is the seam for storage that tears and loses writes, and this
/// is how such storage hears what is prefaulted, flushed and locked, and refuses it. Each member does what the other region does.
/// </summary>
/// <remarks>Thread-safety and lifetime are those of the region it stands in for, which it takes over: disposing it disposes both.</remarks>
public unsafe class DelegatingRegion : MemoryRegion
{
    private readonly MemoryRegion _inner;

    /// <summary>Stands in for a region and takes it over.</summary>
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

    // SAFETY: the memory is the inner region's, which gives it back once; this one only stops handing out windows to it.
    private protected override void Release(byte* address, long length) => _inner.Dispose();
}
