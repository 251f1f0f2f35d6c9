using System.Globalization;
using Estream.Marketplace.Packages;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Packages;

/// <summary>Programs of others as judges: one that reads packages by the page alone, and the tar of the system.</summary>
public sealed class PackagePeerTests : PackageCase
{
    private static readonly string s_reader = RepositoryRoot.Combine("tests", "Estream.Marketplace.Tests", "Packages", "read_escx.py");

    [PeerFact("python3", "python3")]
    public void A_reader_in_Python_finds_the_same_roots()
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
    public void The_tar_of_the_system_lists_what_is_in_it()
    {
        Package package = Varied();
        string[] listed = ChildProcess.Run("tar", ["tzf", Save(Bytes(package))])
            .EnsureSuccess().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(package.Files.Select(file => file.Path), listed);
    }

    [PeerFact("tar", "tar")]
    public void The_tar_of_the_system_makes_the_same_archive()
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
    public void Differential_vs_system_tar_has_the_same_listing_or_is_refused()
    {
        // One byte of an archive is changed at a time, checksums are right again: whatever is taken for a package, others see the same
        // files in it.
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
        // Blocks: three headers with their contents. In headers the fields that readers disagree about are met more often.
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

    // Paths on both sides of what one field holds, lengths around a block, both modes, and what is said about it.
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
