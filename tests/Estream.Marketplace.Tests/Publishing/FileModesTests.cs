using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries.Oci;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Tests.Publishing;

/// <summary>A web server that runs as a user other than the publisher can read the served files and no others.</summary>
public sealed class FileModesTests
{
    private const UnixFileMode Read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Search = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task Served_files_are_world_readable_and_other_files_are_not()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        string served = RegistryOperator.PublicFolder(rig.Folder), layout = Path.Combine(rig.Folder, "public", "layout");
        using (RegistryOperator registry = await rig.OpenAsync())
        {
            OciLayoutRegistry oci = new(layout);
            _ = await registry.PublishAsync(rig.Sign(OperatorRig.Package()), oci, CancellationToken.None);
            _ = await registry.RenewAsync(CancellationToken.None);
            using DocumentSigner reviewer = DocumentSigner.Generate();
            await rig.AskAsync(registry, "theme", 1, reviewer);
            _ = await registry.PublishAsync(rig.Sign(OperatorRig.Package("1.1.0")), null, CancellationToken.None);
            Assert.Single(registry.Pending());
        }

        foreach (string name in (string[])["roles", "log", "index", "catalog", "packages", "bundles", "layout"])
        {
            Assert.Contains(Directory.EnumerateFiles(served, "*", SearchOption.AllDirectories),
                file => Path.GetRelativePath(served, file).StartsWith(name + "/", StringComparison.Ordinal));
        }

        // The modes that a program creates by default under the umask of this machine.
        string plain = Path.Combine(rig.Folder, "plain"), folder = Path.Combine(rig.Folder, "folder");
        await File.WriteAllTextAsync(plain, "");
        Directory.CreateDirectory(folder);
        UnixFileMode readable = File.GetUnixFileMode(plain) & Read, searched = File.GetUnixFileMode(folder) & (Read | Search);
        File.Delete(plain);

        Assert.All([rig.Folder, served, .. Directory.EnumerateDirectories(served, "*", SearchOption.AllDirectories)],
            one => Assert.Equal(searched, File.GetUnixFileMode(one) & (Read | Search)));
        foreach (string file in Directory.EnumerateFiles(rig.Folder, "*", SearchOption.AllDirectories))
        {
            // A user who can open a lock file for reading can hold the lock.
            bool isServed = file.StartsWith(served + "/", StringComparison.Ordinal) && Path.GetFileName(file) != "lock";
            UnixFileMode mode = File.GetUnixFileMode(file);
            Assert.True(isServed ? (mode & Read) == readable : (mode & Others) == 0, $"{file} has the mode {mode}");
        }

        Assert.All(Directory.EnumerateFiles(Path.Combine(rig.Folder, "keys")), key => Assert.Equal(Owner, File.GetUnixFileMode(key)));
    }
}
