namespace Estream.Core.Internal;

/// <summary>A region with a <see cref="RegionBacking"/>.</summary>
internal sealed unsafe class BackedRegion : MemoryRegion
{
    private readonly RegionBacking _backing;

    // SAFETY: the window was checked, and its owner keeps the memory valid until Close; nothing is freed here.
    public BackedRegion(RegionSpan memory, RegionAccess access, RegionBacking backing)
        : base((byte*)memory.Address, memory.Length, access == RegionAccess.ReadOnly)
    {
        ArgumentNullException.ThrowIfNull(backing);
        if (access == RegionAccess.ReadWrite && memory.IsReadOnly)
        {
            throw new ArgumentException("The memory is read-only, so a region over it cannot be writable.", nameof(memory));
        }

        _backing = backing;
    }

    public override HugePages HugePages => _backing.HugePages;

    public override void Prefault(long offset, long length) => _backing.Prefault(offset, Slice(offset, length).Length);

    public override void Load(long offset, long length) => _backing.Load(offset, Slice(offset, length).Length);

    public override void Flush(long offset, long length) => _backing.Flush(offset, Slice(offset, length).Length);

    public override void WriteBehind(long offset, long length) => _backing.WriteBehind(offset, Slice(offset, length).Length);

    public override void AwaitWritten(long offset, long length) => _backing.AwaitWritten(offset, Slice(offset, length).Length);

    public override void DropBehind(long offset, long length) => _backing.DropBehind(offset, Slice(offset, length).Length);

    public override bool TryLock(LockMode mode) => _backing.TryLock(mode);

    public override void Unlock() => _backing.Unlock();

    public override WaitOutcome WaitInt32(long offset, int expected, TimeSpan timeout)
    {
        Futex.Check(Slice(offset, sizeof(int)), timeout);
        return _backing.Wait(offset, expected, timeout) ?? base.WaitInt32(offset, expected, timeout);
    }

    public override int WakeInt32(long offset, int count = int.MaxValue)
    {
        int woken = base.WakeInt32(offset, count);
        _backing.Wake(offset, count);
        return woken;
    }

    private protected override void Release(byte* address, long length) => _backing.Close();
}
