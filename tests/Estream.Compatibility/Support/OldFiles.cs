using System.Formats.Tar;
using System.IO.Compression;
using Estream.Core;
using Estream.Testing;

namespace Estream.Compatibility.Support;

/// <summary>One set of files of an old version, unpacked for one test, and what the process that made them reported.</summary>
internal sealed class OldFiles : IDisposable
{
    private const int BootIdBytes = 16;

    private readonly TempDirectory _directory = new();

    private OldFiles(string path)
    {
        using (FileStream archive = File.OpenRead(path + ".tar.gz"))
        using (var files = new GZipStream(archive, CompressionMode.Decompress))
        {
            TarFile.ExtractToDirectory(files, Path, overwriteFiles: false);
        }

        using FileStream packed = File.OpenRead(path + ".txt.gz");
        using var report = new StreamReader(new GZipStream(packed, CompressionMode.Decompress));
        Report = report.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Where they are.</summary>
    public string Path => _directory.Path;

    /// <summary>What was reported while they were made, a line each.</summary>
    public IReadOnlyList<string> Report { get; }

    /// <summary>Unpacks a set.</summary>
    public static OldFiles Unpack(int version, string name) =>
        new(RepositoryRoot.Combine("tests", "Estream.Compatibility", "Files", $"v{version}", name));

    /// <summary>Says in a file that what it holds was written in this run of this machine, as if the writer had died here.</summary>
    public void PretendThisRun(string file, long offset)
    {
        using MemoryRegion region = FileStorage.Instance.OpenRegion(System.IO.Path.Combine(Path, file), RegionAccess.ReadWrite);
        FileStorage.Instance.BootId.TryWriteBytes(region.All.Span(offset, BootIdBytes));
    }

    /// <summary>Every byte of every file, to see that nothing was written.</summary>
    public IReadOnlyDictionary<string, byte[]> Image() =>
        Directory.GetFiles(Path, "*", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllBytes);

    public void Dispose() => _directory.Dispose();
}
