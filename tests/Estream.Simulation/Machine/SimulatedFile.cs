using Estream.Core;

namespace Estream.Simulation.Machine;

/// <summary>
/// A file in three states: what processes see (the page cache), what the kernel believes is on the device, and what is. The last two
/// differ when a flush failed: the kernel gives such pages up as clean, and never writes them again by itself.
/// </summary>
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

    /// <summary>What processes map.</summary>
    public RegionSpan Memory => memory.Slice(0, Length);

    public int PageCount => (int)((Length + PageBytes - 1) / PageBytes);

    public SimulatedLocks Locks { get; } = new();

    public bool IsDirty(int page) => !Page(page).SequenceEqual(Content(_believed, page)[..PageLength(page)]);

    /// <summary>The page reaches the device whole.</summary>
    public void WriteBack(int page) => _believed[page] = _device[page] = Padded(page);

    /// <summary>The write fails, and the kernel forgets that it had to be done.</summary>
    public void GiveUp(int page) => _believed[page] = Padded(page);

    /// <summary>The write is cut off: each sector is the old or the new one.</summary>
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

    /// <summary>The file's length reaches the device.</summary>
    public void WriteLength() => _deviceLength = Length;

    /// <summary>The power is gone before the length was written: it may be there all the same, or a part of the file.</summary>
    public void LoseLength(SeededRandom random)
    {
        if (_deviceLength < Length)
        {
            _deviceLength = random.Pick(0, Length, Length, (random.Below(PageCount) + 1) * (long)PageBytes);
            _deviceLength = Math.Min(_deviceLength, Length);
        }
    }

    /// <summary>The next boot: what is on the device is all there is.</summary>
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

    /// <summary>Keeps what is there while a dead process is still being unwound.</summary>
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

/// <summary>flock: one lock per opening of a file, freed with its opening or its process.</summary>
internal sealed class SimulatedLocks
{
    private readonly List<(object Opening, SimulatedProcess Owner, LockMode Mode)> _held = [];

    public bool TryTake(object opening, SimulatedProcess owner, LockMode mode)
    {
        // As the kernel does it: changing a lock gives it up first, so that a change refused leaves none.
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
