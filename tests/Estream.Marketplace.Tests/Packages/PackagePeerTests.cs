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
        string[] listed = ChildProcess.Run("tar", ["tzf", Save(Bytes(package))]).EnsureSuccess().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(package.Files.Select(file => file.Path), listed);
    }

    [PeerFact("tar", "tar")]
    public void The_tar_of_the_system_makes_the_same_archive()
    {
        Package package = Varied();
        string folder = Room.Combine("files");
        foreach (PackageFile file in package.Files)
        {
            string path = Path.Combine(folder, file.Path);
            _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, file.Content.ToArray());
            File.SetUnixFileMode(path, (UnixFileMode)(file.IsExecutable ? 0b111_101_101 : 0b110_100_100));
        }

        string list = Room.Combine("list"), archive = Room.Combine("archive.tar");
        File.WriteAllLines(list, package.Files.Select(file => file.Path));
        ChildProcess.Run("tar", ["-b", "1", "--format=ustar", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "-C", folder, "-T", list, "-cf", archive]).EnsureSuccess();
        Assert.Equal(File.ReadAllBytes(archive), Archive.Gunzip(Bytes(package)));
    }

    // Paths on both sides of what one field holds, lengths around a block, both modes, and what is said about it.
    private static Package Varied()
    {
        List<PackageFile> files = [new(PackagePath.Manifest, false, "[component]\n"u8.ToArray()), new(PackagePath.Signature, false, new byte[4627]), new("attestations/a.json", false, "{}"u8.ToArray())];
        Random random = new(7);
        foreach (int length in new[] { 0, 1, 511, 512, 513, 65_535, 65_536, 200_000 })
        {
            byte[] content = new byte[length];
            random.NextBytes(content);
            files.Add(new PackageFile($"lengths/{length}", length % 2 == 1, content));
        }

        foreach (int depth in new[] { 2, 9, 10, 11, 14 })
        {
            files.Add(new PackageFile(string.Concat(Enumerable.Range(0, depth).Select(level => $"folder-{level:00}-{depth:00}/")) + "file", false, new byte[depth]));
        }

        files.Add(new PackageFile($"{new string('p', 60)}/{new string('q', 60)}/{new string('n', 30)}", false, new byte[3]));
        return Package.Of(files);
    }
}
