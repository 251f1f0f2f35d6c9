using System.Formats.Tar;
using System.IO.Compression;
using Estream.Core;
using Estream.Testing;

namespace Estream.Compatibility.Support;

/// <summary>One set of files of an old version, unpacked for one test, and the report of the process that created them.</summary>
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

    /// <summary>The directory of the files.</summary>
    public string Path => _directory.Path;

    /// <summary>The lines of the report.</summary>
    public IReadOnlyList<string> Report { get; }

    /// <summary>Unpacks a set.</summary>
    public static OldFiles Unpack(int version, string name) =>
        new(RepositoryRoot.Combine("tests", "Estream.Compatibility", "Files", $"v{version}", name));

    /// <summary>Sets the boot id of a file to the current boot of this machine, as if the writer had died here.</summary>
    public void PretendThisRun(string file, long offset)
    {
        using MemoryRegion region = FileStorage.Instance.OpenRegion(System.IO.Path.Combine(Path, file), RegionAccess.ReadWrite);
        FileStorage.Instance.BootId.TryWriteBytes(region.All.Span(offset, BootIdBytes));
    }

    /// <summary>The content of every file, to check that nothing was written.</summary>
    public IReadOnlyDictionary<string, byte[]> Image() =>
        Directory.GetFiles(Path, "*", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllBytes);

    public void Dispose() => _directory.Dispose();
}
