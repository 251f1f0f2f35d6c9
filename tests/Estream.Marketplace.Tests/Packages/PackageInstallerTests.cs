using Estream.Core;
using Estream.Marketplace.Packages;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Packages;

/// <summary>Installs exactly the requested package and nothing else.</summary>
public sealed class PackageInstallerTests : IDisposable
{
    private static readonly Package s_package = Package.Of(
    [
        new PackageFile(PackagePath.Manifest, false, "[component]\n"u8.ToArray()),
        new PackageFile("bin/run", true, "#!/bin/sh\n"u8.ToArray()),
        new PackageFile("a/b/c", false, new byte[100_000]),
        new PackageFile(PackagePath.Signature, false, new byte[10]),
        new PackageFile("attestations/x.json", false, "{}"u8.ToArray()),
    ]);

    private readonly TempDirectory _directory = new();

    private string Target => _directory.Combine("store", "here");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Install_writes_content_with_modes_and_no_statements()
    {
        PackageInstallResult result = Install(s_package);
        Assert.Equal((PackageInstallStatus.Installed, Target, true), (result.Status, result.Folder, result.IsThere));
        string[] files = [.. Directory.EnumerateFiles(Target, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Target, file)).Order(StringComparer.Ordinal)];
        Assert.Equal(["a/b/c", "bin/run", PackagePath.Manifest], files);
        Assert.Equal(s_package.Identity, PackageFolder.Identify(Target).Identity);
        Assert.Equal([Target], Directory.GetFileSystemEntries(_directory.Combine("store")));
        const UnixFileMode plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.Combine(Target, "a/b/c")) & ~plain);
        Assert.Equal(UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(Target, "bin/run")) & UnixFileMode.UserExecute);
        Assert.All(
            Directory.EnumerateFileSystemEntries(Target, "*", SearchOption.AllDirectories).Append(Target),
            path => Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & ~(plain | executable)));
    }

    [Fact]
    public void Install_ignores_a_permissive_umask()
    {
        string program = BuiltProgram.Find("tests/Estream.Marketplace.TestProcess", "Estream.Marketplace.TestProcess.dll");
        string file = Save(s_package);
        ChildProcess.Run("/bin/sh",
            ["-c", "umask 000; echo | dotnet \"$0\" \"$@\"", program, "install", file, _directory.Combine("open"),
                s_package.Identity.Root256, s_package.Identity.Root3, "1"]).EnsureSuccess();
        string target = _directory.Combine("open", "0");
        const UnixFileMode writable = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        Assert.All(
            Directory.EnumerateFileSystemEntries(target, "*", SearchOption.AllDirectories).Append(target),
            path => Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & writable));
        Assert.Equal(s_package.Identity, PackageFolder.Identify(target).Identity);
    }

    [Fact]
    public void Install_keeps_an_existing_folder_with_the_same_content()
    {
        _ = Install(s_package);
        DateTime before = File.GetLastWriteTimeUtc(Path.Combine(Target, "bin/run"));
        Assert.Equal(PackageInstallStatus.AlreadyThere, Install(s_package).Status);
        Assert.Equal(before, File.GetLastWriteTimeUtc(Path.Combine(Target, "bin/run")));
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("added")]
    [InlineData("removed")]
    [InlineData("mode")]
    [InlineData("link")]
    [InlineData("pipe")]
    [InlineData("signature")]
    public void Changed_folder_has_another_identity(string how)
    {
        _ = Install(s_package);
        string file = Path.Combine(Target, "bin/run");
        switch (how)
        {
            case "changed":
                File.AppendAllText(file, "x");
                break;
            case "added":
                File.WriteAllText(file + "2", "");
                break;
            case "removed":
                File.Delete(file);
                break;
            case "mode":
                File.SetUnixFileMode(file, UnixFileMode.UserRead);
                break;
            case "link":
                File.Move(file, _directory.Combine("elsewhere"));
                File.CreateSymbolicLink(file, _directory.Combine("elsewhere"));
                break;
            case "pipe":
                ChildProcess.Run("mkfifo", [Path.Combine(Target, "pipe")]).EnsureSuccess();
                break;
            default:
                File.WriteAllText(Path.Combine(Target, PackagePath.Signature), "");
                break;
        }

        PackageInstallResult result = Install(s_package);
        Assert.Equal((PackageInstallStatus.Occupied, false), (result.Status, result.IsThere));
    }

    [Fact]
    public void Install_does_not_follow_or_replace_a_link_or_file_at_the_target()
    {
        string other = _directory.Combine("other");
        _ = Directory.CreateDirectory(other);
        _ = Directory.CreateDirectory(_directory.Combine("store"));
        _ = Directory.CreateSymbolicLink(Target, other);
        Assert.Equal(PackageInstallStatus.Occupied, Install(s_package).Status);
        Assert.Empty(Directory.GetFileSystemEntries(other));
        Directory.Delete(Target);
        _ = Directory.CreateSymbolicLink(Target, _directory.Combine("nothing"));
        Assert.Equal(PackageInstallStatus.Occupied, Install(s_package).Status);
        File.Delete(Target);
        File.WriteAllText(Target, "mine");
        Assert.Equal(PackageInstallStatus.Occupied, Install(s_package).Status);
        Assert.Equal("mine", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_directory.Combine("store")));
    }

    [Fact]
    public void Install_does_not_follow_links_named_like_temporary_folders()
    {
        string other = _directory.Combine("other"), store = _directory.Combine("store");
        _ = Directory.CreateDirectory(other);
        _ = Directory.CreateDirectory(store);
        File.WriteAllText(Path.Combine(other, "mine"), "");
        _ = Directory.CreateSymbolicLink(Path.Combine(store, InstallCapacity.Prefix + "0"), other);
        string room = Path.Combine(store, InstallCapacity.Prefix + "1");
        _ = Directory.CreateDirectory(room);
        _ = File.CreateSymbolicLink(Path.Combine(room, "lock"), Path.Combine(other, "lock"));
        string left = Path.Combine(store, InstallCapacity.Prefix + "2");
        _ = Directory.CreateDirectory(Path.Combine(left, "content", "a"));
        _ = Directory.CreateSymbolicLink(Path.Combine(left, "content", "out"), other);
        Assert.Equal(PackageInstallStatus.Installed, Install(s_package).Status);
        Assert.Equal([Path.Combine(other, "mine")], Directory.GetFileSystemEntries(other));
        Assert.False(Directory.Exists(left));
    }

    [Fact]
    public void Install_keeps_a_temporary_folder_that_is_in_use()
    {
        _ = Directory.CreateDirectory(_directory.Combine("store"));
        using InstallCapacity room = InstallCapacity.Make(_directory.Combine("store"));
        Assert.Equal(PackageInstallStatus.Installed, Install(s_package).Status);
        Assert.True(Directory.Exists(room.Content));
    }

    [Fact]
    public void Install_rejects_a_package_with_another_identity()
    {
        PackageIdentity other = s_package.Identity with { Root3 = s_package.Identity.Root256 };
        PackageInstallResult result = PackageInstaller.Install(new MemoryStream(Bytes(s_package)), other, Target);
        Assert.Equal(PackageInstallStatus.OtherPackage, result.Status);
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Combine("store")));
    }

    [Fact]
    public void Install_of_a_truncated_or_damaged_package_leaves_nothing()
    {
        byte[] bytes = Bytes(s_package);
        for (int length = 0; length < bytes.Length; length += 512)
        {
            Assert.Equal(PackageInstallStatus.NotAPackage,
                PackageInstaller.Install(new MemoryStream(bytes, 0, length), s_package.Identity, Target).Status);
        }

        bytes[^1] ^= 1;
        PackageInstallResult result = PackageInstaller.Install(new MemoryStream(bytes), s_package.Identity, Target);
        Assert.Equal(PackageInstallStatus.NotAPackage, result.Status);
        Assert.Contains("checksum", result.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Combine("store")));
    }

    [Fact]
    public void Install_from_a_failing_stream_leaves_nothing()
    {
        EstreamStorageException failure = Assert.Throws<EstreamStorageException>(() =>
            PackageInstaller.Install(new FailingStream(Bytes(s_package)), s_package.Identity, Target));
        Assert.Equal(Target, failure.Path);
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Combine("store")));
    }

    [Fact]
    public void Install_to_the_root_folder_throws_ArgumentException() =>
        Assert.Throws<ArgumentException>("folder", () => PackageInstaller.Install(Stream.Null, s_package.Identity, "/"));

    private static byte[] Bytes(Package package)
    {
        using MemoryStream bytes = new();
        package.Write(bytes);
        return bytes.ToArray();
    }

    private string Save(Package package)
    {
        string file = _directory.Combine("package.escx");
        File.WriteAllBytes(file, Bytes(package));
        return file;
    }

    private PackageInstallResult Install(Package package) =>
        PackageInstaller.Install(new MemoryStream(Bytes(package)), package.Identity, Target);

    private sealed class FailingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => Position > 60_000
            ? throw new IOException("the wire is cut")
            : base.Read(buffer, offset, count);
    }
}
