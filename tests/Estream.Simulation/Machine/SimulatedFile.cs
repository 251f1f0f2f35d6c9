using Estream.Core;

namespace Estream.Simulation.Machine;

/// <summary>A file in three states: as processes see it (the page cache), as the kernel believes it is on the device, and as it is on the
/// device. The last two differ after a failed flush: the kernel marks such pages as clean and never writes them again by itself.</summary>
internal sealed class SimulatedFile(RegionSpan memory)
{
    public const int PageBytes = 4096;
    public const int SectorBytes = 512;

    private static readonly byte[] s_zeros = new byte[PageBytes];

    private readonly byte[]?[] _believed = new byte[]?[(memory.Length + PageBytes - 1) / PageBytes];
    private readonly byte[]?[] _device = new byte[]?[(memory.Length + PageBytes - 1) / PageBytes];
    private long _deviceLength;
    private byte[]? _frozen;

    public long Length { get; private set; } = memory.Length;

    /// <summary>The memory that processes map.</summary>
    public RegionSpan Memory => memory.Slice(0, Length);

    public int PageCount => (int)((Length + PageBytes - 1) / PageBytes);

    public SimulatedLocks Locks { get; } = new();

    public bool IsDirty(int page) => !Page(page).SequenceEqual(Content(_believed, page)[..PageLength(page)]);

    /// <summary>Writes a whole page to the device.</summary>
    public void WriteBack(int page) => _believed[page] = _device[page] = Padded(page);

    /// <summary>Fails the write of a page. The kernel then takes the page for clean.</summary>
    public void GiveUp(int page) => _believed[page] = Padded(page);

    /// <summary>Interrupts the write of a page: each sector on the device has its old or its new content.</summary>
    public void Tear(int page, SeededRandom random)
    {
        byte[] now = Padded(page);
        byte[] torn = [.. Content(_device, page)];
        for (int sector = 0; sector < PageBytes; sector += SectorBytes)
        {
            if (random.Chance(0.5))
            {
                now.AsSpan(sector, SectorBytes).CopyTo(torn.AsSpan(sector));
            }
        }

        _device[page] = torn;
    }

    /// <summary>Writes the length of the file to the device.</summary>
    public void WriteLength() => _deviceLength = Length;

    /// <summary>Cuts the power: a length that was not flushed is then 0, the full length, or the end of a random page.</summary>
    public void LoseLength(SeededRandom random)
    {
        if (_deviceLength < Length)
        {
            _deviceLength = random.Pick(0, Length, Length, (random.Below(PageCount) + 1) * (long)PageBytes);
            _deviceLength = Math.Min(_deviceLength, Length);
        }
    }

    /// <summary>Restarts the machine: the file has the content that the device had, and no lock.</summary>
    public void Restart()
    {
        _frozen = null;
        Length = _deviceLength;
        Locks.Clear();
        for (int page = 0; page < PageCount; page++)
        {
            Content(_device, page)[..PageLength(page)].CopyTo(memory.Span((long)page * PageBytes, PageLength(page)));
            _believed[page] = _device[page];
        }
    }

    /// <summary>Saves the content at a death. <see cref="Thaw"/> restores it, which reverts stores made while the dead process is
    /// unwound.</summary>
    public void Freeze() => _frozen = Memory.ReadOnlySpan(0, (int)Length).ToArray();

    public void Thaw()
    {
        _frozen?.CopyTo(Memory.Span(0, (int)Length));
        _frozen = null;
    }

    private static ReadOnlySpan<byte> Content(byte[]?[] pages, int page) => pages[page] ?? s_zeros;

    private int PageLength(int page) => (int)Math.Min(PageBytes, Length - ((long)page * PageBytes));

    private ReadOnlySpan<byte> Page(int page) => memory.ReadOnlySpan((long)page * PageBytes, PageLength(page));

    private byte[] Padded(int page)
    {
        byte[] copy = new byte[PageBytes];
        Page(page).CopyTo(copy);
        return copy;
    }
}

/// <summary>flock: one lock per open file handle, released with its handle or its process.</summary>
internal sealed class SimulatedLocks
{
    private readonly List<(object Opening, SimulatedProcess Owner, LockMode Mode)> _held = [];

    public bool TryTake(object opening, SimulatedProcess owner, LockMode mode)
    {
        // As in the kernel, a conversion releases the existing lock first, so a refused conversion leaves no lock.
        Free(opening);
        if (mode == LockMode.Exclusive ? _held.Count > 0 : _held.Exists(held => held.Mode == LockMode.Exclusive))
        {
            return false;
        }

        _held.Add((opening, owner, mode));
        return true;
    }

    public void Free(object opening) => _held.RemoveAll(held => held.Opening == opening);

    public void FreeAllOf(SimulatedProcess owner) => _held.RemoveAll(held => held.Owner == owner);

    public void Clear() => _held.Clear();
}
