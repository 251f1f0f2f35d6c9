using System.Globalization;
using Estream.Marketplace.Packages;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Packages;

/// <summary>Compares with independent programs: a reader written from the format page alone, and the system's tar.</summary>
public sealed class PackagePeerTests : PackageCase
{
    private static readonly string s_reader = RepositoryRoot.Combine("tests", "Estream.Marketplace.Tests", "Packages", "read_escx.py");

    [PeerFact("python3", "python3")]
    public void Independent_Python_reader_computes_the_same_roots()
    {
        foreach (Package package in ComponentFolders.Select(folder => Build(RepositoryRoot.Combine(folder))).Append(Varied()))
        {
            foreach (PackageCompression compression in Enum.GetValues<PackageCompression>())
            {
                ProcessResult result = ChildProcess.Run("python3", [s_reader, Save(Bytes(package, compression))]);
                Assert.Equal("", result.Error);
                Assert.Equal($"{package.Identity.Root256} {package.Identity.Root3}", result.Output.Trim());
            }
        }
    }

    [PeerFact("tar", "tar")]
    public void System_tar_lists_the_files_of_a_package()
    {
        Package package = Varied();
        string[] listed = ChildProcess.Run("tar", ["tzf", Save(Bytes(package))])
            .EnsureSuccess().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(package.Files.Select(file => file.Path), listed);
    }

    [PeerFact("tar", "tar")]
    public void System_tar_creates_the_same_archive()
    {
        Package package = Varied();
        string folder = WriteFiles(package);
        string list = Room.Combine("list"), archive = Room.Combine("archive.tar");
        File.WriteAllLines(list, package.Files.Select(file => file.Path));
        ChildProcess.Run("tar",
            ["-b", "1", "--format=ustar", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "-C", folder, "-T", list, "-cf",
                archive]).EnsureSuccess();
        Assert.Equal(File.ReadAllBytes(archive), Archive.Gunzip(Bytes(package)));
    }

    [PeerFact("python3", "python3")]
    public void Rebuild_by_second_implementation_matches()
    {
        Package package = Varied();
        string archive = Room.Combine("archive.tar"),
        packer = RepositoryRoot.Combine("tests", "Estream.Marketplace.Tests", "Packages", "pack_escx.py");
        ProcessResult result = ChildProcess.Run("python3", [packer, WriteFiles(package), archive]).EnsureSuccess();
        Assert.Equal($"{package.Identity.Root256} {package.Identity.Root3}", result.Output.Trim());
        Assert.Equal(Archive.Gunzip(Bytes(package)), File.ReadAllBytes(archive));
    }

    [PeerFact("tar", "tar")]
    public void Damaged_archive_is_rejected_or_lists_the_same_files_in_system_tar()
    {
        // Changes one byte of an archive and corrects the checksums: if the result is accepted as a package, tar must list the same files.
        byte[] whole = Archive.WithManifest().Add("f/one", new byte[700]).Add("g", [1]).ToArray();
        int taken = 0, refused = 0;
        for (int seed = 0; seed < LongRun.Count(300, 10_000); seed++)
        {
            byte[] archive = Damaged(whole, new Random(seed));
            PackageReadResult result = Archive.Read(Archive.Gzip(archive));
            refused += result.IsPackage ? 0 : 1;
            if (result.IsPackage)
            {
                taken++;
                ProcessResult listed = ChildProcess.Run("tar",
                    ["tvzf", Save(Archive.Gzip(archive)), "--numeric-owner", "--full-time", "--utc"]).EnsureSuccess();
                Assert.Equal("", listed.Error);
                string[] lines = listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
                Assert.Equal(result.Entries.Select(entry => (entry.Path, entry.IsExecutable, entry.Length)), lines.Select(Listed));
            }
        }

        Assert.True(taken > 10 && refused > 100, $"{taken} taken, {refused} refused: the archives show one side only");
    }

    private static byte[] Damaged(byte[] whole, Random random)
    {
        // The blocks are three headers with their contents. Header fields on which readers disagree are changed more often.
        int[] headers = [0, 2 * Archive.Block, 5 * Archive.Block], fields = [0, 1, 100, 103, 106, 124, 133, 134, 156, 257, 263, 265, 345];
        byte[] archive = [.. whole];
        int start = headers[random.Next(headers.Length)];
        byte[] header = archive.AsSpan(start, Archive.Block).ToArray();
        int at = random.Next(3) == 0 ? random.Next(Archive.Block) : fields[random.Next(fields.Length)];
        header[at] = (byte)"\0 0123456789xgLS./abm"[random.Next(21)];
        Archive.SetChecksum(header);
        header.CopyTo(archive, start);
        if (random.Next(4) == 0)
        {
            archive[random.Next(archive.Length)] ^= (byte)(1 << random.Next(8));
        }

        return archive;
    }

    private static (string Path, bool IsExecutable, long Length) Listed(string line)
    {
        string[] words = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(("0/0", "1970-01-01", "00:00:00"), (words[1], words[3], words[4]));
        Assert.Contains(words[0], (string[])["-rw-r--r--", "-rwxr-xr-x"]);
        return (words[5], words[0] == "-rwxr-xr-x", long.Parse(words[2], CultureInfo.InvariantCulture));
    }

    private string WriteFiles(Package package)
    {
        string folder = Room.Combine("files");
        foreach (PackageFile file in package.Files)
        {
            string path = Path.Combine(folder, file.Path);
            _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, file.Content.ToArray());
            File.SetUnixFileMode(path, (UnixFileMode)(file.IsExecutable ? 0b111_101_101 : 0b110_100_100));
        }

        return folder;
    }

    // Returns a package with path lengths near the capacity of the name field of tar, file lengths near the block size of tar, executable
    // and other files, a signature and an attestation.
    private static Package Varied()
    {
        List<PackageFile> files = [new(PackagePath.Manifest, false, "[component]\n"u8.ToArray()),
            new(PackagePath.Signature, false, new byte[4627]), new("attestations/a.json", false, "{}"u8.ToArray())];
        Random random = new(7);
        foreach (int length in new[] { 0, 1, 511, 512, 513, 65_535, 65_536, 200_000 })
        {
            byte[] content = new byte[length];
            random.NextBytes(content);
            files.Add(new PackageFile($"lengths/{length}", length % 2 == 1, content));
        }

        foreach (int depth in new[] { 2, 9, 10, 11, 14 })
        {
            files.Add(new PackageFile(string.Concat(Enumerable.Range(0, depth).Select(level => $"folder-{level:00}-{depth:00}/")) + "file",
                false, new byte[depth]));
        }

        files.Add(new PackageFile($"{new string('p', 60)}/{new string('q', 60)}/{new string('n', 30)}", false, new byte[3]));
        return Package.Of(files);
    }
}
