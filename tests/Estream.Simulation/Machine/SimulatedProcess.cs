using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Simulation.Machine;

/// <summary>The storage of a <see cref="SimulatedMachine"/> as one of its processes sees it.</summary>
internal sealed class SimulatedProcess(SimulatedMachine machine, ProcessIdentity identity) : IStorage
{
    public bool IsDead { get; set; }

    public Guid BootId => machine.BootId;

    public ProcessIdentity CurrentProcess => identity;

    public bool IsAlive(ProcessIdentity process) => machine.IsAlive(process);

    public void FillRandom(Span<byte> destination) => machine.Random.Fill(destination);

    public void CreateDirectory(string path)
    {
        Enter(path);
        machine.Names.MakeDirectory(path);
    }

    public bool DirectoryExists(string path)
    {
        machine.Enter(this, nameof(DirectoryExists), path);
        return machine.Names.DirectoryExists(path);
    }

    public bool FileExists(string path)
    {
        machine.Enter(this, nameof(FileExists), path);
        return machine.Names.Find(path) is not null;
    }

    public IReadOnlyList<string> ListFiles(string directory, string suffix)
    {
        Enter(directory);
        return machine.HidesReaders && suffix == ".cursor" ? [] : machine.Names.List(directory, suffix);
    }

    public MemoryRegion CreateRegion(string path, long length)
    {
        Enter(path);
        if (machine.Names.Find(path) is not null || !machine.Names.DirectoryExists(Path.GetDirectoryName(path)!))
        {
            throw new EstreamStorageException($"'{path}' exists, or its directory does not.", path, StorageFailure.Other);
        }

        return Open(machine.MakeFile(path, length), path, RegionAccess.ReadWrite);
    }

    public MemoryRegion OpenRegion(string path, RegionAccess access)
    {
        Enter(path);
        SimulatedFile file = Find(path);
        return file.Length > 0 ? Open(file, path, access) : throw new EstreamCorruptionException($"'{path}' is empty.", path);
    }

    public void Rename(string path, string newPath)
    {
        Enter(path);
        Find(path);
        machine.Names.Rename(path, newPath);
    }

    public void Delete(string path)
    {
        Enter(path);
        if (machine.Names.Find(path) is not null)
        {
            machine.Names.Unlink(path);
        }
    }

    public void SyncDirectory(string path)
    {
        Enter(path);
        if (!machine.Names.DirectoryExists(path))
        {
            throw new EstreamStorageException($"There is no directory '{path}'.", path, StorageFailure.NotFound);
        }

        if (machine.Random.Chance(machine.FailureChance.Flush))
        {
            machine.FailedFlushes++;
            throw new EstreamStorageException($"The simulated device failed: '{path}'.", path, StorageFailure.Device);
        }

        if (!machine.ForgetsFlushes && !machine.ForgetsNames)
        {
            machine.Names.Sync(path);
        }
    }

    public IDisposable? TryLock(string path, LockMode mode)
    {
        Enter(path);
        SimulatedFile file = mode == LockMode.Shared || machine.Names.Find(path) is not null ? Find(path) : machine.MakeFile(path, 0);
        var held = new HeldLock(this, file);
        return file.Locks.TryTake(held, this, mode) ? held : null;
    }

    private void Enter(string path, [CallerMemberName] string operation = "")
    {
        machine.Enter(this, operation, path);
        if (machine.Random.Chance(machine.FailureChance.Other))
        {
            throw new EstreamStorageException($"Made to fail: '{path}'.", path, StorageFailure.Other);
        }
    }

    private SimulatedFile Find(string path) =>
        machine.Names.Find(path) ?? throw new EstreamStorageException($"There is no '{path}'.", path, StorageFailure.NotFound);

    private MemoryRegion Open(SimulatedFile file, string path, RegionAccess access) =>
        MemoryRegion.Over(file.Memory, access, new Opening(this, machine, file, path));

    private sealed class HeldLock(SimulatedProcess process, SimulatedFile file) : IDisposable
    {
        public void Dispose()
        {
            if (!process.IsDead)
            {
                file.Locks.Free(this);
            }
        }
    }

    private sealed class Opening(SimulatedProcess process, SimulatedMachine machine, SimulatedFile file, string path) : RegionBacking
    {
        public override void Flush(long offset, long length)
        {
            machine.Enter(process, nameof(Flush), path);
            machine.Flush(file, path, offset, length, withLength: true);
        }

        public override void AwaitWritten(long offset, long length)
        {
            machine.Enter(process, nameof(AwaitWritten), path);
            machine.Flush(file, path, offset, length, withLength: false);
        }

        public override void WriteBehind(long offset, long length)
        {
            machine.Enter(process, nameof(WriteBehind), path);
            machine.WriteBackSome(0.3);
        }

        public override bool TryLock(LockMode mode)
        {
            machine.Enter(process, nameof(TryLock), path);
            return file.Locks.TryTake(this, process, mode);
        }

        public override void Unlock() => Close();

        // Does not block, because the simulation has one thread: only background work can change the word. The clock advances instead.
        public override WaitOutcome? Wait(long offset, int expected, TimeSpan timeout)
        {
            machine.Enter(process, nameof(Wait), path);
            machine.Background.RunOne();
            machine.Clock.Pass(timeout == Timeout.InfiniteTimeSpan ? 1_000_000_000 : timeout.Ticks * 100);
            return file.Memory.ReadInt32Acquire(offset) == expected ? WaitOutcome.TimedOut : WaitOutcome.Changed;
        }

        // The garbage collector also calls Close, on its own thread, for resources of a dead process. That call must change nothing.
        public override void Close()
        {
            if (!process.IsDead)
            {
                file.Locks.Free(this);
            }
        }
    }
}
