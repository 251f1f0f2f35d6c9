using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>The source of a map's memory: files of a directory, or the process itself.</summary>
internal abstract class RegionSource
{
    /// <summary>The name of a file for messages.</summary>
    public abstract string Describe(string name);

    public abstract MemoryRegion Create(string name, long length);

    public abstract MemoryRegion Open(string name, RegionAccess access);

    public abstract void Delete(string name);

    public abstract void Rename(string name, string newName);

    /// <summary>Makes created, renamed and deleted names durable.</summary>
    public abstract void SyncNames();
}

/// <summary>Files of one directory.</summary>
internal sealed class DirectorySource(IStorage storage, string directory) : RegionSource
{
    // Lookups read the pages of a file in random order, so a bad sector can only be reported if the whole file is read first. Reading a
    // larger file would delay its opening by seconds.
    private const long LoadedAtOpen = 256 << 20;

    public IStorage Storage { get; } = storage;

    public string Directory { get; } = directory;

    public override string Describe(string name) => Path.Combine(Directory, name);

    public override MemoryRegion Create(string name, long length) => Storage.CreateRegion(Describe(name), length);

    public override MemoryRegion Open(string name, RegionAccess access)
    {
        MemoryRegion region = Storage.OpenRegion(Describe(name), access);
        try
        {
            region.Load(0, region.Length <= LoadedAtOpen ? region.Length : 0);
            return region;
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    public override void Delete(string name) => Storage.Delete(Describe(name));

    public override void Rename(string name, string newName) => Storage.Rename(Describe(name), Describe(newName));

    public override void SyncNames() => Storage.SyncDirectory(Directory);
}

/// <summary>Anonymous memory of this process. It cannot be opened again, and has no files to delete.</summary>
internal sealed class MemorySource : RegionSource
{
    public override string Describe(string name) => $"(memory)/{name}";

    public override MemoryRegion Create(string name, long length) => NativeRegion.Allocate(length);

    public override MemoryRegion Open(string name, RegionAccess access) =>
        throw new InvalidOperationException($"{Describe(name)} is not in a file, so it cannot be opened again.");

    public override void Delete(string name)
    {
    }

    public override void Rename(string name, string newName)
    {
    }

    public override void SyncNames()
    {
    }
}
