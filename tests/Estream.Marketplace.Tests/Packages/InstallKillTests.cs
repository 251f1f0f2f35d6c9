using System.Globalization;
using Estream.Marketplace.Packages;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Packages;

/// <summary>Kills real processes during concurrent installs: every existing folder is complete.</summary>
public sealed class InstallKillTests : IDisposable
{
    private const int Files = 40;

    private readonly TempDirectory _directory = new();
    private readonly Package _package = Sample();
    private readonly string _file;

    public InstallKillTests()
    {
        _file = _directory.Combine("sample.escx");
        using FileStream file = File.Create(_file);
        _package.Write(file);
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Install_killed_at_any_moment_leaves_no_partial_folder()
    {
        Random random = new(5);
        KillRounds rounds = new(LongRun.Count(8, 300));
        while (!rounds.AreOver)
        {
            string parent = _directory.Combine("parent");
            using (ChildProcess child = Start(parent, 100_000))
            {
                child.Input.WriteLine();
                child.Input.Flush();
                child.WaitForText("under way");
                Thread.Sleep(random.Next(40));
                child.Kill();
                Assert.Equal("", child.Error);
            }

            string[] rooms = Directory.GetDirectories(parent, InstallCapacity.Prefix + "*");
            string[] folders = [.. Directory.GetDirectories(parent).Except(rooms)];
            Assert.True(folders.Length > 3);
            Assert.All(folders, folder => Assert.Equal(_package.Identity, PackageFolder.Identify(folder).Identity));
            rounds.Add(rooms.Any(room => Directory.Exists(Path.Combine(room, "content"))));

            // The next install deletes the temporary folders of the killed process.
            Assert.Equal(PackageInstallStatus.Installed, Install(Path.Combine(parent, "next")).Status);
            Assert.Empty(Directory.GetDirectories(parent, InstallCapacity.Prefix + "*"));
            Directory.Delete(parent, recursive: true);
        }
    }

    [Fact]
    public void Concurrent_processes_install_each_folder_once()
    {
        const int Processes = 3, Folders = 60;
        string parent = _directory.Combine("parent");
        ChildProcess[] children = [.. Enumerable.Range(0, Processes).Select(_ => Start(parent, Folders))];
        try
        {
            Array.ForEach(children, child => child.WaitForText("ready"));
            Array.ForEach(children, child => child.Input.WriteLine());
            Array.ForEach(children, child => child.Input.Flush());
            int installed = 0;
            foreach (ChildProcess child in children)
            {
                ProcessResult result = child.WaitForExit();
                Assert.Equal(("", 0), (child.Error, result.ExitCode));
                installed += int.Parse(child.Output.Split("installed ")[1], CultureInfo.InvariantCulture);
            }

            Assert.Equal(Folders, installed);
        }
        finally
        {
            Array.ForEach(children, child => child.Dispose());
        }

        Assert.Equal(Folders, Directory.GetFileSystemEntries(parent).Length);
        Assert.All(Directory.GetDirectories(parent), folder => Assert.Equal(_package.Identity, PackageFolder.Identify(folder).Identity));
    }

    private PackageInstallResult Install(string folder)
    {
        using FileStream file = File.OpenRead(_file);
        return PackageInstaller.Install(file, _package.Identity, folder);
    }

    private ChildProcess Start(string parent, int count) => ChildProcess.StartDotnet(
        BuiltProgram.Find("tests/Estream.Marketplace.TestProcess", "Estream.Marketplace.TestProcess.dll"),
        ["install", _file, parent, _package.Identity.Root256, _package.Identity.Root3, count.ToString(CultureInfo.InvariantCulture)]);

    private static Package Sample()
    {
        Random random = new(3);
        List<PackageFile> files = [new PackageFile(PackagePath.Manifest, false, "[component]\n"u8.ToArray())];
        for (int number = 0; number < Files; number++)
        {
            byte[] content = new byte[random.Next(20_000)];
            random.NextBytes(content);
            files.Add(new PackageFile($"folder-{number % 7}/file-{number}", number % 3 == 0, content));
        }

        return Package.Of(files);
    }
}
