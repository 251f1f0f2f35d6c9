using System.Globalization;
using System.Security.Cryptography;
using Estream.Core;
using Estream.Marketplace.Packages;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Packages;

/// <summary>Equal files give equal packages, and an invalid folder is rejected with all its problems.</summary>
public sealed class PackageBuilderTests : PackageCase
{
    [Fact]
    public void All_repository_components_can_be_packed() => Assert.InRange(ComponentFolders.Length, 20, 200);

    [Theory]
    [MemberData(nameof(Components))]
    public void Copies_of_a_component_pack_to_identical_bytes(string component)
    {
        string source = RepositoryRoot.Combine(component);
        string first = Copy(source, "first", "umask 022", reverse: false), second = Copy(source, "second", "umask 077", reverse: true);
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("tr-TR");
            byte[] one = Bytes(Build(first));
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("ar-SA");
            byte[] other = Bytes(Build(second));
            Assert.Equal(one, other);
            PackageReadResult read = Archive.Read(one);
            Assert.True(read.IsPackage, read.ToString());
            Assert.Equal(Build(source).Identity, read.Identity);
            Assert.Equal(read.Identity, Archive.Read(Bytes(Build(second), PackageCompression.Deflate)).Identity);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Archive_bytes_equal_across_runs_cultures_time_zones_and_umasks()
    {
        string program = BuiltProgram.Find("tests/Estream.Marketplace.TestProcess", "Estream.Marketplace.TestProcess.dll");
        string source = RepositoryRoot.Combine(ComponentFolders[0]);
        HashSet<string> digests = [];
        foreach ((string culture, string zone, string umask, string folder) in new[]
        {
            ("C", "UTC", "022", "/"), ("C", "UTC", "022", "/"), ("tr_TR.UTF-8", "Pacific/Kiritimati", "077", "/tmp"),
            ("ar_SA.UTF-8", "America/St_Johns", "000", Room.Path),
        })
        {
            Dictionary<string, string?> environment = new() { ["LC_ALL"] = culture, ["LANG"] = culture, ["TZ"] = zone };
            digests.Add(
                ChildProcess.Run("/bin/sh", ["-c", "umask $1; exec dotnet \"$2\" pack \"$3\"", "sh", umask, program, source], folder,
                    environment: environment).EnsureSuccess().Output.Trim());
        }

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Bytes(Build(source)))), Assert.Single(digests));
    }

    [Fact]
    public void Tool_output_and_files_not_included_are_not_packed()
    {
        foreach (string path in new[] { PackagePath.Manifest, "src/a.cs", "src/bin/a.dll", "obj/a", "node_modules/x/y", ".git/HEAD",
            "src/.hidden", "old.escx", "binary", "b/run", "notes.txt", "CAPITAL NAME" })
        {
            Put(path);
        }

        PackageSelection selection =
            new(path => path is not ("notes.txt" or "CAPITAL NAME"), path => path.StartsWith("b/", StringComparison.Ordinal));
        Assert.Equal(
            [("b/run", true), ("binary", false), (PackagePath.Manifest, false), ("src/a.cs", false)],
            Build(Room.Path, selection).Files.Select(file => (file.Path, file.IsExecutable)));
        Assert.Contains(Build(Room.Path, new PackageSelection(_ => false, _ => false)).Files, file => file.Path == PackagePath.Manifest);
    }

    [Fact]
    public void Build_reports_all_problems_at_once()
    {
        Put("with space");
        Put("A/x");
        Put("a/y");
        Put("attestations/claim.json");
        _ = File.CreateSymbolicLink(Room.Combine("link"), "/etc/passwd");
        _ = Directory.CreateSymbolicLink(Room.Combine("linked"), "/etc");
        ChildProcess.Run("mkfifo", [Room.Combine("pipe")]).EnsureSuccess();
        PackageBuildResult result = PackageBuilder.Build(Room.Path);
        Assert.Null(result.Package);
        Assert.Equal(
            ["a/y", "attestations/claim.json", PackagePath.Manifest, "link", "linked", "pipe", "with space"],
            result.Problems.Select(problem => problem.Path).Order(StringComparer.Ordinal));
        Assert.All(result.Problems, problem => Assert.InRange(problem.Message.Length, 30, 200));
    }

    [Fact]
    public void Folder_larger_than_the_limits_is_rejected()
    {
        Put(PackagePath.Manifest);
        Put("a");
        File.WriteAllBytes(Room.Combine("b"), new byte[100]);
        Assert.NotNull(PackageBuilder.Build(Room.Path, null, new PackageLimits { MaxEntries = 3, MaxFileBytes = 100 }).Package);
        Assert.Null(PackageBuilder.Build(Room.Path, null, new PackageLimits { MaxEntries = 2 }).Package);
        Assert.Equal("b", Assert.Single(PackageBuilder.Build(Room.Path, null, new PackageLimits { MaxFileBytes = 99 }).Problems).Path);
        Assert.Equal("b", Assert.Single(PackageBuilder.Build(Room.Path, null, new PackageLimits { MaxArchiveBytes = 100 }).Problems).Path);
        Assert.Throws<EstreamStorageException>(() => PackageBuilder.Build(Room.Combine("nothing")));
    }

    private void Put(string path)
    {
        string file = Room.Combine(path);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, path);
    }

    // Copies the files in another order, and with other times and modes.
    private string Copy(string source, string name, string umask, bool reverse)
    {
        string target = Room.Combine(name);
        string order = reverse ? "sort -r" : "sort";
        ChildProcess.Run(
            "/bin/sh",
            ["-c", $"{umask}; mkdir -p \"$2\" && cd \"$1\" && find . -type f -not -path '*/bin/*' -not -path '*/obj/*' | {order} | while "
                + $"read -r f; do mkdir -p \"$2/$(dirname \"$f\")\"; cat \"$f\" > \"$2/$f\"; touch -d "
                + $"'{(reverse ? "2001-02-03" : "2020-01-01")}' \"$2/$f\"; done", "sh", source, target]).EnsureSuccess();
        return target;
    }
}
