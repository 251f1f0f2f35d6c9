using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map.Tests;

/// <summary>A file system that records the content of its device: bytes when they are flushed, and names as soon as they change, which is
/// the worst a file system may do. <see cref="Cut"/> creates the directory found after a power cut.</summary>
internal sealed class PowerCutStorage : PassThroughStorage
{
    private readonly Dictionary<string, byte[]> _device = [];
    private readonly Dictionary<string, List<FlushedRegion>> _open = [];

    // The content of each file when its flush was refused. A page is not written again until its content changes.
    private readonly Dictionary<string, byte[]> _givenUp = [];

    /// <summary>Called before and after each step that reaches the device, with the name of the step.</summary>
    public Action<string>? OnStep { get; set; }

    /// <summary>The file whose flush is refused.</summary>
    public string? BadFile { get; set; }

    /// <summary>Whether pages whose flush was refused count as written from then on, as in Linux.</summary>
    public bool GivesUpRefusedPages { get; init; }

    public override MemoryRegion CreateRegion(string path, long length)
    {
        MemoryRegion region = base.CreateRegion(path, length);
        Step($"create {Path.GetFileName(path)}", () => _device[path] = new byte[length]);
        return Track(path, region);
    }

    public override MemoryRegion OpenRegion(string path, RegionAccess access)
    {
        MemoryRegion region = base.OpenRegion(path, access);
        _device.TryAdd(path, region.All.ReadOnlySpan(0, (int)region.Length).ToArray());
        return access == RegionAccess.ReadOnly ? region : Track(path, region);
    }

    public override void Rename(string path, string newPath) => Step($"rename {Path.GetFileName(path)}", () =>
    {
        base.Rename(path, newPath);
        _givenUp.Remove(newPath);
        if (_device.Remove(path, out byte[]? content))
        {
            _device[newPath] = content;
        }

        // A file is renamed while it is open.
        if (_open.Remove(path, out List<FlushedRegion>? regions))
        {
            regions.ForEach(region => region.Path = newPath);
            _open[newPath] = regions;
        }
    });

    public override void Delete(string path) => Step($"delete {Path.GetFileName(path)}", () =>
    {
        base.Delete(path);
        _device.Remove(path);
    });

    /// <summary>Writes the files as they are after a power cut at this moment.</summary>
    /// <param name="directory">Where to write them.</param>
    /// <param name="writtenBack">Whether the kernel had written back a page of a file by itself.</param>
    public void Cut(string directory, Func<string, bool> writtenBack)
    {
        foreach ((string path, byte[] flushed) in _device)
        {
            byte[] content = [.. flushed];
            byte[] live = File.Exists(path) ? File.ReadAllBytes(path) : flushed;
            for (int page = 0; page < content.Length; page += 4096)
            {
                if (writtenBack(Path.GetFileName(path)))
                {
                    live.AsSpan(page, Math.Min(4096, live.Length - page)).CopyTo(content.AsSpan(page));
                }
            }

            // The files of a map are in its directory, and the logs of its batches in a subdirectory.
            string folder = Path.GetFileName(Path.GetDirectoryName(path)!) == BatchLayout.Directory
                ? Path.Combine(directory, BatchLayout.Directory)
                : directory;
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(path)), content);
        }
    }

    private void Refuse(string path, MemoryRegion region)
    {
        if (GivesUpRefusedPages)
        {
            _givenUp[path] = region.All.ReadOnlySpan(0, (int)region.Length).ToArray();
        }

        throw new EstreamStorageException($"Could not write '{path}' to the device.", path, StorageFailure.Other);
    }

    private void Write(string path, ReadOnlySpan<byte> part, long offset)
    {
        byte[]? givenUp = _givenUp.GetValueOrDefault(path);
        for (int page = 0; page < part.Length; page += 4096)
        {
            ReadOnlySpan<byte> content = part.Slice(page, Math.Min(4096, part.Length - page));
            if (givenUp is null || !content.SequenceEqual(givenUp.AsSpan((int)offset + page, content.Length)))
            {
                content.CopyTo(_device[path].AsSpan((int)offset + page));
            }
        }
    }

    private void Step(string name, Action step)
    {
        OnStep?.Invoke($"before {name}");
        step();
        OnStep?.Invoke($"after {name}");
    }

    private FlushedRegion Track(string path, MemoryRegion inner)
    {
        var region = new FlushedRegion(this, path, inner);
        _open.TryAdd(path, []);
        _open[path].Add(region);
        return region;
    }

    private sealed class FlushedRegion(PowerCutStorage storage, string path, MemoryRegion inner) : DelegatingRegion(inner)
    {
        public string Path { get; set; } = path;

        public override void Flush(long offset, long length)
        {
            string name = System.IO.Path.GetFileName(Path);
            if (name == storage.BadFile)
            {
                storage.Refuse(Path, this);
            }

            storage.Step($"flush {name}", () =>
            {
                base.Flush(offset, length);
                storage.Write(Path, All.ReadOnlySpan(offset, (int)length), offset);
            });
        }
    }
}
