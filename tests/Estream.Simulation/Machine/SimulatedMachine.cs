using Estream.Core;

namespace Estream.Simulation.Machine;

/// <summary>A machine with a disk, a page cache, a clock and processes. Its processes can be killed and its power can be cut at any
/// operation of its storage. Single-threaded; the same seed gives the same machine.</summary>
internal sealed class SimulatedMachine
{
    private readonly Thread _thread = Thread.CurrentThread;
    private readonly Arena _arena;
    private readonly List<SimulatedProcess> _processes = [];
    private int _boots;
    private int _operations;
    private Death? _dying;
    private (SimulatedProcess Process, int Operations, Death Kind)? _armed;
    private volatile string? _stray;

    public SimulatedMachine(Arena arena, SeededRandom random)
    {
        _arena = arena;
        Random = random;
        Background = new SimulatedScheduler(this);
        Boot();
    }

    public SeededRandom Random { get; }

    public SimulatedClock Clock { get; } = new();

    public SimulatedScheduler Background { get; }

    public SimulatedNames Names { get; } = new();

    public Guid BootId { get; private set; }

    /// <summary>The number of operations after which a run counts as a loop.</summary>
    public int OperationLimit { get; set; } = 1_000_000;

    /// <summary>The number of flushes that have failed.</summary>
    public int FailedFlushes { get; set; }

    /// <summary>Called for every storage operation if tracing is requested.</summary>
    public Action<string>? Listener { get; set; }

    /// <summary>The size of the disk in bytes.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>The bytes that files with a name occupy.</summary>
    public long UsedBytes => Names.Files.Distinct().Sum(file => file.Length);

    /// <summary>The probability that a flush fails, and that any other operation fails.</summary>
    public (double Flush, double Other) FailureChance { get; set; }

    /// <summary>A machine whose file flushes succeed and put nothing on the device, to check that a simulation detects it.</summary>
    public bool ForgetsFlushes { get; init; }

    /// <summary>A machine whose flushes of directories succeed and put nothing on the device, to check that a simulation detects
    /// it.</summary>
    public bool ForgetsNames { get; init; }

    /// <summary>A machine that loses the page cache when a process is killed, to check that a simulation detects it.</summary>
    public bool ForgetsKilledStores { get; init; }

    /// <summary>A machine that hides the cursors of readers, so that retention does not know which messages they still need.</summary>
    public bool HidesReaders { get; init; }

    public SimulatedProcess Start()
    {
        var process = new SimulatedProcess(this, new ProcessIdentity(1_000 + _processes.Count, (_boots * 1_000_000L) + _processes.Count));
        _processes.Add(process);
        return process;
    }

    public bool IsAlive(ProcessIdentity identity) => _processes.Exists(process => process.CurrentProcess == identity && !process.IsDead);

    public SimulatedFile MakeFile(string path, long length)
    {
        if (CapacityBytes != long.MaxValue && UsedBytes + length > CapacityBytes)
        {
            throw new EstreamStorageException($"The simulated disk is full: '{path}'.", path, StorageFailure.DiskFull);
        }

        var file = new SimulatedFile(_arena.Take(length));
        Names.Link(path, file);
        return file;
    }

    /// <summary>Called for every operation of a process; some operations end the process here.</summary>
    public void Enter(SimulatedProcess process, string operation, string path)
    {
        RefuseOtherThreads(operation, path);
        if (process.IsDead)
        {
            throw new SimulatedDeath(_dying ?? Death.Kill);
        }

        Listener?.Invoke($"{operation} {path}");
        if (++_operations > OperationLimit)
        {
            throw new InvalidOperationException(
                $"The run exceeded {OperationLimit} operations at {operation} of '{path}': the code probably loops.");
        }

        Clock.Pass(Random.Below(100_000));
        if (Random.Chance(0.05))
        {
            WriteBackSome(0.2);
        }

        if (_armed is { } armed && armed.Process == process)
        {
            _armed = armed with { Operations = armed.Operations - 1 };
            if (armed.Operations <= 0)
            {
                End(process, armed.Kind);
            }
        }
    }

    /// <summary>Throws if another thread has used the machine. The seed does not determine when a thread of the product runs. A thread that
    /// outlives its run would write into the files of the next run, which use the same memory.</summary>
    /// <exception cref="InvalidOperationException">A thread other than the one that created the machine calls it or has called
    /// it.</exception>
    public void RefuseOtherThreads()
    {
        if (_stray is { } stray)
        {
            throw new InvalidOperationException(
                $"A second thread used the simulated machine: {stray}. Keep the scenario below the sizes at which the product starts "
                + "threads.");
        }
    }

    private void RefuseOtherThreads(string operation, string path)
    {
        if (Thread.CurrentThread != _thread)
        {
            _stray = $"{operation} of '{path}'";
        }

        RefuseOtherThreads();
    }

    /// <summary>Ends a process at one of its next operations.</summary>
    public void Arm(SimulatedProcess process, Death kind, int operations) => _armed = (process, operations, kind);

    public void Disarm() => _armed = null;

    /// <summary>Ends a process, or all processes for a power cut, and throws <see cref="SimulatedDeath"/>. The code that catches the
    /// exception must call <see cref="Bury"/>.</summary>
    public void End(SimulatedProcess process, Death kind)
    {
        _armed = null;
        _dying = kind;
        if (kind == Death.PowerCut || ForgetsKilledStores)
        {
            _processes.ForEach(each => each.IsDead = true);
            CutDevice();
        }
        else
        {
            process.IsDead = true;
            foreach (SimulatedFile file in Names.Files)
            {
                file.Freeze();
            }
        }

        throw new SimulatedDeath(kind);
    }

    /// <summary>Whether a process died and <see cref="Bury"/> was not called since.</summary>
    public bool IsDying => _dying is not null;

    /// <summary>Throws <see cref="SimulatedDeath"/> if <see cref="IsDying"/>.</summary>
    public void ThrowIfDying()
    {
        if (_dying is { } kind)
        {
            throw new SimulatedDeath(kind);
        }
    }

    /// <summary>Makes the death final: reverts the actions of the dead process during unwinding and releases its locks.</summary>
    public Death Bury()
    {
        Death kind = _dying ?? throw new InvalidOperationException("Bury was called, but no process has died since the last call.");
        bool isLost = kind == Death.PowerCut || ForgetsKilledStores;
        _dying = null;
        Background.Forget();
        if (isLost)
        {
            Names.Restart();
        }

        foreach (SimulatedFile file in Names.Files.Distinct())
        {
            if (isLost)
            {
                file.Restart();
            }
            else
            {
                file.Thaw();
                _processes.FindAll(process => process.IsDead).ForEach(file.Locks.FreeAllOf);
            }
        }

        if (kind == Death.PowerCut)
        {
            Boot();
        }

        return kind;
    }

    /// <summary>sync(2): puts everything on the device.</summary>
    public void Sync()
    {
        Names.SyncAll();
        foreach (SimulatedFile file in Names.Files)
        {
            file.WriteLength();
            ForEachDirtyPage(file, 0, file.Length, file.WriteBack);
        }
    }

    /// <summary>Lets the kernel write back random pages.</summary>
    public void WriteBackSome(double share)
    {
        foreach (SimulatedFile file in Names.Files)
        {
            ForEachDirtyPage(file, 0, file.Length, page =>
            {
                if (Random.Chance(share))
                {
                    file.WriteBack(page);
                }
            });
        }
    }

    /// <summary>Flushes a part of a file.</summary>
    public void Flush(SimulatedFile file, string path, long offset, long length, bool withLength)
    {
        if (ForgetsFlushes)
        {
            return;
        }

        if (Random.Chance(FailureChance.Flush))
        {
            FailedFlushes++;
            ForEachDirtyPage(file, offset, length, page => (Random.Chance(0.5) ? (Action<int>)file.WriteBack : file.GiveUp)(page));
            throw new EstreamStorageException($"The simulated device failed: '{path}'.", path, StorageFailure.Device);
        }

        ForEachDirtyPage(file, offset, length, file.WriteBack);
        if (withLength)
        {
            file.WriteLength();
        }
    }

    private static void ForEachDirtyPage(SimulatedFile file, long offset, long length, Action<int> action)
    {
        for (int page = (int)(offset / SimulatedFile.PageBytes); page < file.PageCount && page * (long)SimulatedFile.PageBytes < offset
            + length; page++)
        {
            if (file.IsDirty(page))
            {
                action(page);
            }
        }
    }

    // Each power cut draws the share of dirty pages that the kernel had already written back, from none to all, and the share of torn
    // pages.
    private void CutDevice()
    {
        double written = Random.Pick(0, 0.1, 0.5, 0.9, 1);
        double torn = Random.Pick(0, 0, 0.2, 0.8);
        foreach (SimulatedFile file in Names.Files.Distinct())
        {
            ForEachDirtyPage(file, 0, file.Length, page =>
            {
                if (Random.Chance(torn))
                {
                    file.Tear(page, Random);
                }
                else if (Random.Chance(written))
                {
                    file.WriteBack(page);
                }
            });
            file.LoseLength(Random);
        }

        Names.Cut(Random);
    }

    private void Boot()
    {
        _boots++;
        Clock.Start();
        Span<byte> id = stackalloc byte[16];
        Random.Fill(id);
        BootId = new Guid(id);
    }
}

/// <summary>A clock whose time of day advances and can be set forward or back. Its monotonic time only advances.</summary>
internal sealed class SimulatedClock : IClock
{
    private const long CoarseStepNanos = 1_000_000;
    private const long BeganAtNanos = 1_767_225_600_000_000_000;
    private long _utcNanos = BeganAtNanos;
    private long _startedAt;

    public long UtcNanos => _utcNanos;

    public long CoarseUtcNanos => _utcNanos - (_utcNanos % CoarseStepNanos);

    public long MonotonicNanos { get; private set; } = 1;

    public long ElapsedNanos => TrueNanos - _startedAt + 1;

    /// <summary>The time since the first start of the machine, independent of its clock. No process can read this time.</summary>
    public long TrueNanos { get; private set; }

    public void Pass(long nanos)
    {
        Suspend(nanos);
        MonotonicNanos += nanos;
    }

    /// <summary>Suspends the machine for some time.</summary>
    public void Suspend(long nanos)
    {
        _utcNanos += nanos;
        TrueNanos += nanos;
    }

    /// <summary>Switches the machine off for some time, before <see cref="Start"/>. A battery drives the time of day.</summary>
    public void TurnOff(long nanos)
    {
        Suspend(nanos);
        Start();
    }

    /// <summary>Starts the machine.</summary>
    public void Start() => _startedAt = TrueNanos;

    /// <summary>Sets the time of day right.</summary>
    public void SetRight()
    {
        WasSetBack |= ErrorNanos > 0;
        _utcNanos = BeganAtNanos + TrueNanos;
    }

    /// <summary>Whether the time of day was ever set back.</summary>
    public bool WasSetBack { get; private set; }

    /// <summary>How far the time of day is ahead of the true time; negative if the time of day is behind.</summary>
    public long ErrorNanos => _utcNanos - BeganAtNanos - TrueNanos;

    /// <summary>Sets the time of day forward or back by some nanoseconds.</summary>
    public void Jump(long nanos)
    {
        WasSetBack |= nanos < 0;
        _utcNanos = Math.Max(1, _utcNanos + nanos);
        LastJumpNanos = nanos;
    }

    /// <summary>By how much the time of day was set last.</summary>
    public long LastJumpNanos { get; private set; }
}

/// <summary>How a process ended, or all processes at once.</summary>
internal enum Death
{
    /// <summary>SIGKILL: the page cache stays.</summary>
    Kill,

    /// <summary>The machine stopped: everything that was not on the device is lost.</summary>
    PowerCut,
}

/// <summary>Thrown in the code under test by the storage operation at which its process ends. The actions of that code during unwinding
/// have no effect: <see cref="SimulatedMachine.Bury"/> reverts its stores, and storage refuses dead processes.</summary>
internal sealed class SimulatedDeath(Death kind) : Exception($"The simulated process ended: {kind}.")
{
    public Death Kind { get; } = kind;
}
