using System.Runtime.Versioning;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: no other user changes the data of the host.</summary>
[Collection(ProcessCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class DataFolderTests
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [Fact]
    public void Folders_that_the_host_creates_are_private_and_a_writable_data_folder_is_reported()
    {
        using HostFiles files = new();
        using (HostProcess host = files.Start().WaitUntilReady())
        {
            ProcessResult end = host.Stop();
            Assert.DoesNotContain("may write to the data folder", end.Output + end.Error, StringComparison.Ordinal);
        }

        string[] folders = [files.Data, .. Directory.GetDirectories(files.Data, "*", SearchOption.AllDirectories)];
        Assert.All(folders, folder => Assert.Equal((folder, Owner), (folder, File.GetUnixFileMode(folder))));

        File.SetUnixFileMode(files.Data, Owner | UnixFileMode.GroupWrite);
        using HostProcess next = files.Start().WaitUntilReady();
        ProcessResult reported = next.Stop();
        Assert.Contains($"chmod go-w {files.Data}", reported.Output + reported.Error, StringComparison.Ordinal);
    }
}
