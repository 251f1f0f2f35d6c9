using System.Text;
using System.Text.Json;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Iso20022.Tests.Json;
using Estream.Wire.Iso20022.Tests.Mapping;

namespace Estream.Wire.Iso20022.Tests.Folders;

/// <summary>Files become messages in queues, sealed and stored once; an invalid file is refused with a reason, and nothing of it is
/// stored.</summary>
public sealed class Iso20022FolderTests : IDisposable
{
    private readonly FolderRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Files_are_stored_in_the_order_of_their_names_and_moved()
    {
        byte[] transfer = Samples.Read("pacs008-pkg/pacs.008.001.12.xml");
        _rig.Put("1.xml", Encoding.UTF8.GetString(transfer));
        _rig.Put("2.json", JsonOfXml.Convert(transfer));
        _rig.Put("3.xml", Statements.Statement);
        _rig.Put("4.txt", "not asked for");
        _rig.Put(".5.xml", "not asked for");
        await using Iso20022Folder adapter = _rig.Adapter();

        await FolderRig.RunUntilAsync(adapter, () => _rig.Names("done").Length == 3, "three files are done");

        Assert.Equal(["1.xml", "2.json", "3.xml"], _rig.Names("done"));
        Assert.Equal([".5.xml", "4.txt"], _rig.Names());
        IReadOnlyList<string> texts = _rig.Texts();
        Assert.Equal(3, texts.Count);
        Assert.Contains("\"end_to_end_id\":\"E2E-001\"", texts[0], StringComparison.Ordinal);
        Assert.Equal(texts[0], texts[1]);
        Assert.Equal(PaymentsPack.Example("Camt053Statement"), texts[2]);
        Assert.Empty(_rig.Letters());
        Assert.Equal((3L, 0L), (adapter.Statistics.ReceivedTotal, adapter.Statistics.RejectedTotal));
    }

    [Fact]
    public async Task A_file_is_moved_only_after_a_quorum_has_its_messages()
    {
        using FolderRig rig = new(durability: Durability.Quorum);
        using QueueQuorum quorum = rig.Payments.OpenQuorum();
        rig.Put("1.xml", Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.008.001.12.xml")));
        await using Iso20022Folder adapter = rig.Adapter();
        bool isEarly = false;
        await FolderRig.RunUntilAsync(
            adapter,
            () =>
            {
                if (quorum.Position == 0 && rig.Stored().Count == 1)
                {
                    isEarly = rig.Names("done").Length > 0;
                    quorum.AdvanceTo(rig.Payments.GetInfo().EndPosition);
                }

                return rig.Names("done").Length == 1;
            },
            "the file is done");
        Assert.False(isEarly);
        Assert.NotEqual(0, quorum.Position);
    }

    [Fact]
    public async Task Pipes_links_and_sockets_are_refused_and_later_files_are_stored()
    {
        ChildProcess.Run("mkfifo", [Path.Combine(_rig.Folder, "1.xml")]).EnsureSuccess();
        File.CreateSymbolicLink(Path.Combine(_rig.Folder, "2.json"), "/dev/zero");
        using System.Net.Sockets.Socket socket =
            new(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(_rig.Folder, "3.xml")));
        _rig.Put("4.xml", Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.008.001.12.xml")));
        await using Iso20022Folder adapter = _rig.Adapter();

        await FolderRig.RunUntilAsync(adapter, () => _rig.Names("done").Length == 1, "the file is done");

        Assert.Equal(["1.xml", "2.json", "3.xml"], _rig.Names("refused"));
        Assert.Empty(_rig.Names());
        Assert.Equal(3, _rig.Letters().Count);
        Assert.All(
            _rig.Letters().Zip(["a pipe, a socket or a device", "a symbolic link", "a pipe, a socket or a device"]),
            one => Assert.Contains(one.Second, one.First, StringComparison.Ordinal));
        Assert.Equal(3, _rig.Events.Count(happened => happened.Kind == AdapterEventKind.DeadLettered));
        Assert.Equal((4L, 3L), (adapter.Statistics.ReceivedTotal, adapter.Statistics.RejectedTotal));
    }

    [Fact]
    public async Task A_long_statement_is_stored_in_parts_and_an_invalid_one_not_at_all()
    {
        _rig.Put("1.xml", Statements.Long(50).Replace("</Stmt>", "<Foo/></Stmt>", StringComparison.Ordinal));
        _rig.Put("2.xml", Statements.Long(50));
        await using Iso20022Folder adapter = _rig.Adapter(new Iso20022Limits { MaxPartBytes = 1_024 });

        await FolderRig.RunUntilAsync(adapter, () => _rig.Names("done").Length == 1 && _rig.Names("refused").Length == 1,
            "one is done and one is refused");

        int[] numbers =
            [.. _rig.Texts().Select(text => JsonDocument.Parse(text).RootElement.GetProperty("part").GetProperty("number").GetInt32())];
        Assert.InRange(numbers.Length, 5, 25);
        Assert.Equal(Enumerable.Range(1, numbers.Length), numbers);
        string letter = Assert.Single(_rig.Letters());
        Assert.Contains("Stmt[1]/?: UnexpectedElement", letter, StringComparison.Ordinal);
        Assert.Contains("\"topic\":\"1.xml\"", letter, StringComparison.Ordinal);
        Assert.Equal(1, adapter.Statistics.RejectedTotal);
    }

    [Fact]
    public async Task Private_values_are_sealed_in_the_queue_and_nowhere_plaintext()
    {
        const string Secret = "MARKER-4711";
        string text = Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.008.001.12.xml"));
        _rig.Put("1.xml", text.Replace("Debtor Corp", Secret, StringComparison.Ordinal));
        _rig.Put("2.xml", text.Replace("Debtor Corp", Secret + "\u0001", StringComparison.Ordinal));
        _rig.Put("3.xml", text.Replace("<ChrgBr>SHAR", "<ChrgBr>" + Secret, StringComparison.Ordinal));
        _rig.Put("4.json", "{\"Document\":\"" + Secret);

        // A value may be in the place of a name by mistake.
        _rig.Put("5.xml", text.Replace("<Dbtr>", $"<Dbtr><{Secret}/>", StringComparison.Ordinal));
        _rig.Put("6.xml", text.Replace("<Dbtr>", $"<Dbtr {Secret}='1'>", StringComparison.Ordinal));
        _rig.Put("7.json",
            $"{{\"Document\":{{\"@xmlns\":\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12\","
            + $"\"FIToFICstmrCdtTrf\":{{\"{Secret}\":{{}}}}}}}}");
        _rig.Put("8.xml", text.Replace("<Cdtr>", "<ChrgBr>SHAR</ChrgBr><Cdtr>", StringComparison.Ordinal));
        await using Iso20022Folder adapter = _rig.Adapter();

        await FolderRig.RunUntilAsync(adapter, () => _rig.Names("done").Length == 1 && _rig.Names("refused").Length == 7,
            "one is done and the others are refused");

        Assert.Contains(Secret, Assert.Single(_rig.Texts()), StringComparison.Ordinal);
        Assert.Equal(7, _rig.Letters().Count);
        Assert.Contains("CdtTrfTxInf[1]/Dbtr/?: UnexpectedElement", _rig.Letters()[3], StringComparison.Ordinal);
        Assert.Contains("CdtTrfTxInf[1]/Dbtr/?: UnexpectedAttribute", _rig.Letters()[4], StringComparison.Ordinal);
        Assert.Contains("CdtTrfTxInf[1]/ChrgBr: UnexpectedElement", _rig.Letters()[6], StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, _rig.Everything(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Account_numbers_in_file_or_member_names_are_masked_everywhere()
    {
        const string Account = "DE89370400440532013000";
        const string Card = "4111111111111111";
        string wrong = Statements.Long(2).Replace("</Stmt>", "<Foo/></Stmt>", StringComparison.Ordinal);
        _rig.Put($"20261120-C53-{Account}_EUR.xml", wrong);
        _rig.Put($"20261121-C53-{Account.ToLowerInvariant()}.xml", wrong);
        _rig.Put($"20261122120000123-{Card}.xml", wrong);
        _rig.Put("4.json",
            "{\"Document\":{\"@xmlns\":\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12\",\"FIToFICstmrCdtTrf\":{\"" + Account
                + "\":{}}}}");
        await using Iso20022Folder adapter = _rig.Adapter();

        await FolderRig.RunUntilAsync(adapter, () => _rig.Names("refused").Length == 4, "all are refused");

        string[] topics = ["20261120-C53-{iban}_EUR.xml", "20261121-C53-{iban}.xml", "20261122120000123-{card}.xml"];
        Assert.Equal(4, _rig.Letters().Count);
        Assert.Contains("FIToFICstmrCdtTrf/?: UnexpectedElement", _rig.Letters()[3], StringComparison.Ordinal);
        Assert.All(topics.Zip(_rig.Letters()), one => Assert.Contains($"\"topic\":\"{one.First}\"", one.Second, StringComparison.Ordinal));
        foreach (string number in (string[])[Account, Account.ToLowerInvariant(), Card])
        {
            Assert.DoesNotContain(number, _rig.Everything(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Entity_bombs_and_endless_documents_are_refused_and_the_folder_continues()
    {
        string good = Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.008.001.12.xml"));
        string document = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12\">";
        string[] bad =
        [
            "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><a>&c;</a>",
            "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
            document + string.Concat(Enumerable.Repeat("<a>", 200_000)),
            document + "<" + new string('a', 4 << 20),
            document + "<FIToFICstmrCdtTrf>" + new string('x', 4 << 20),
            document + "<FIToFICstmrCdtTrf><GrpHdr><MsgId>" + string.Concat(Enumerable.Repeat("&amp;", 1 << 20)),
            good[..^20],
            "",
        ];
        for (int number = 0; number < bad.Length; number++)
        {
            _rig.Put($"{number}.xml", bad[number]);
        }

        _rig.Put("8.json", string.Concat(Enumerable.Repeat("{\"a\":", 200_000)));
        _rig.Put("9.xml", good);
        await using Iso20022Folder adapter = _rig.Adapter();

        await FolderRig.RunUntilAsync(adapter, () => _rig.Names("done").Length == 1, "the good one is done");

        Assert.Equal(["9.xml"], _rig.Names("done"));
        Assert.Equal(Enumerable.Range(0, bad.Length).Select(number => $"{number}.xml").Append("8.json"), _rig.Names("refused"));
        Assert.Equal(bad.Length + 1, _rig.Letters().Count);
        Assert.Single(_rig.Stored());
        Assert.Equal(2, _rig.Letters().Count(letter => letter.Contains("DtdNotAllowed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task More_files_than_one_listing_are_processed_in_the_order_of_their_names()
    {
        const int Files = 1_100;
        for (int number = Files; number > 0; number--)
        {
            _rig.Put($"{number:D4}.xml", "<a/>");
        }

        await using Iso20022Folder adapter = _rig.Adapter();
        await FolderRig.RunUntilAsync(adapter, () => adapter.Statistics.RejectedTotal == Files && _rig.IsEverythingTaken,
            "all are refused");

        IReadOnlyList<string> letters = _rig.Letters();
        Assert.Equal(Files, letters.Count);
        for (int number = 1; number <= Files; number++)
        {
            Assert.Contains($"\"topic\":\"{number:D4}.xml\"", letters[number - 1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_message_without_a_mapping_is_refused_with_one_dead_letter()
    {
        _rig.Put("1.xml", Statements.Report);
        await using Iso20022Folder adapter = _rig.Adapter();

        await FolderRig.RunUntilAsync(adapter, () => _rig.Names("refused").Length == 1, "it is refused");

        Assert.Contains("no mapping covers this topic", Assert.Single(_rig.Letters()), StringComparison.Ordinal);
        Assert.Empty(_rig.Stored());
    }

    [Fact]
    public async Task A_file_that_cannot_be_moved_is_stored_once_and_blocks_others()
    {
        string text = Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.008.001.12.xml"));
        await using Iso20022Folder adapter = _rig.Adapter();
        using CancellationTokenSource stop = new();
        await adapter.StartAsync(CancellationToken.None);
        Directory.Delete(Path.Combine(_rig.Folder, "done"));
        _rig.Put("1.xml", text);
        _rig.Put("2.xml", text);
        Task ingest = adapter.Ingest(stop.Token);

        Eventually.True(() => adapter.Health.State == HealthState.Degraded, "the adapter says that a file cannot be moved");
        Assert.Contains("cannot be moved", adapter.Health.Detail, StringComparison.Ordinal);
        Assert.Single(_rig.Stored());
        Directory.CreateDirectory(Path.Combine(_rig.Folder, "done"));
        Eventually.True(() => _rig.Names("done").Length == 2 && adapter.Health.State == HealthState.Healthy, "both are moved");
        await stop.CancelAsync();
        await ingest;

        Assert.Equal(2, _rig.Stored().Count);
        Assert.Equal(HealthState.Unhealthy, adapter.Health.State);
    }

    [Fact]
    public async Task A_link_is_refused_and_its_target_is_not_stored()
    {
        string secret = Path.Combine(_rig.Keys, "secret.xml");
        File.WriteAllText(secret, Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.008.001.12.xml")));
        File.CreateSymbolicLink(Path.Combine(_rig.Folder, "1.xml"), secret);
        await using Iso20022Folder adapter = _rig.Adapter();

        await FolderRig.RunUntilAsync(adapter, () => _rig.Names("refused").Length == 1, "the link is refused");

        Assert.Contains("put the file itself into the folder", Assert.Single(_rig.Letters()), StringComparison.Ordinal);
        Assert.Empty(_rig.Stored());
        Assert.True(File.Exists(secret));
    }

    [Fact]
    public async Task A_new_file_with_the_name_of_a_finished_file_is_stored()
    {
        _rig.Put("1.xml", Statements.Long(50));
        await RunUntilDoneAsync(1);
        int stored = _rig.Stored().Count;
        _rig.Put("1.xml", Statements.Long(50));

        await RunUntilDoneAsync(2);

        Assert.Equal(2 * stored, _rig.Stored().Count);
    }

    [Fact]
    public async Task Files_in_done_are_stored_even_if_senders_replace_files_meanwhile()
    {
        string text = Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.008.001.12.xml"));
        const int Files = 300;
        await using Iso20022Folder adapter = _rig.Adapter();
        using CancellationTokenSource stop = new();
        await adapter.StartAsync(CancellationToken.None);
        Task ingest = adapter.Ingest(stop.Token);
        for (int number = 0; number < Files; number++)
        {
            string part = Path.Combine(_rig.Folder, "x.part");
            File.WriteAllText(part, text);
            File.Move(part, Path.Combine(_rig.Folder, "x.xml"), overwrite: true);
        }

        Eventually.True(() => _rig.IsEverythingTaken, "all files are taken");
        await stop.CancelAsync();
        await ingest;

        Assert.Equal(_rig.Names("done").Length, _rig.Stored().Count);
        Assert.Empty(_rig.Names("refused"));
    }

    [Fact]
    public async Task A_finished_file_with_an_existing_name_gets_a_unique_name()
    {
        string text = Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.008.001.12.xml"));
        await using Iso20022Folder adapter = _rig.Adapter();
        _rig.Put("1.xml", text);
        await FolderRig.RunUntilAsync(adapter, () => _rig.Names("done").Length == 1, "it is done");
        _rig.Put("1.xml", text);

        await FolderRig.RunUntilAsync(adapter, () => _rig.Names("done").Length == 2, "both are there");

        Assert.StartsWith("1.xml.", _rig.Names("done")[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_adapter_without_egress_is_created_from_settings()
    {
        Iso20022FolderFactory factory = new();
        WireSettings settings = Settings([]);
        factory.Check("bank", _rig.Schemas, ["payments"], settings);
        await using IWireAdapter adapter = factory.Create(_rig.Context, settings);

        Assert.Equal("iso20022-folder", adapter.Descriptor.Type);
        Assert.Equal("estream.payments.Pacs008CreditTransfer", Assert.Single(adapter.Schemas.Produced).QualifiedName);
        byte[] message = new byte[8_192];
        Assert.True(
            adapter.TranslateIngress(new WireMessage(default, Samples.Read("pacs008-pkg/pacs.008.001.12.xml")), message,
                out int length).IsOk);
        Assert.InRange(length, 16, message.Length);
        Assert.Equal(TranslateCode.Unsupported, adapter.TranslateEgress(default, new EgressMessage()).Code);
        Assert.Equal(EmitCode.Unsupported, (await adapter.Emit(new EgressMessage(), CancellationToken.None)).Code);
    }

    [Theory]
    [InlineData("Folder", "", "is required")]
    [InlineData("Checks", "all", "write schema or rules or cross-border")]
    [InlineData("PollMs", "1", "from 10 to 3600000")]
    [InlineData("Poll", "1", "is not a setting")]
    [InlineData("Mappings:0:Topic", "pacs.009", "write pacs.008 or pacs.002 or camt.053 or camt.052 or document")]
    [InlineData("Mappings:0:Topic", "pacs.008.001.08", "write pacs.008 or")]
    [InlineData("Mappings:0:Schema", "Pacs002StatusReport", "estream.payments.Pacs008CreditTransfer")]
    [InlineData("Mappings:0:Schema", "Nonsense", "estream.payments.Pacs008CreditTransfer")]
    [InlineData("Mappings:0:Queue", "nowhere", "the queues are: payments")]
    [InlineData("Out", "/tmp", "is set without Egress")]
    public void A_setting_error_names_its_key_and_the_accepted_values(string key, string value, string reason)
    {
        WireConfigurationException refused = Assert.Throws<WireConfigurationException>(() =>
            new Iso20022FolderFactory().Create(_rig.Context, Settings(new Dictionary<string, string?> { [key] = value })));

        Assert.Equal($"Estream:Adapters:bank:{key}", refused.Key);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_refuses_a_missing_folder()
    {
        WireSettings settings = Settings(new Dictionary<string, string?> { ["Folder"] = Path.Combine(_rig.Folder, "none") });

        WireConfigurationException refused = Assert.Throws<WireConfigurationException>(() =>
            new Iso20022FolderFactory().Check("bank", _rig.Schemas, ["payments"], settings));

        Assert.Equal("Estream:Adapters:bank:Folder", refused.Key);
    }

    [Theory]
    [InlineData("Pacs008CreditTransfer")]
    [InlineData("IoTTelemetry")]
    [InlineData("Nonsense")]
    public void The_document_topic_refuses_other_schemas(string schema)
    {
        WireSettings settings =
            Settings(new Dictionary<string, string?> { ["Mappings:0:Topic"] = "document", ["Mappings:0:Schema"] = schema });

        WireConfigurationException refused = Assert.Throws<WireConfigurationException>(() =>
            new Iso20022FolderFactory().Check("bank", _rig.Schemas, ["payments"], settings));

        Assert.Equal("Estream:Adapters:bank:Mappings:0:Schema", refused.Key);
        Assert.Contains("iso20022.parse.v1", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Out", null, "is required and not set")]
    [InlineData("Out", "in", "a folder for incoming messages")]
    [InlineData("Out", "in/refused/", "a folder for incoming messages")]
    [InlineData("Out", "in/../nowhere", "does not exist. Create it")]
    [InlineData("Egress:0:Queue", null, "is required and not set")]
    [InlineData("Egress:0:Schema", "Nonsense",
        "there is no schema 'Nonsense'. Schemas that can be sent: estream.payments.Pacs008CreditTransfer, ")]
    [InlineData("Egress:0:Keys", null, "payment_agent.key.pem")]
    [InlineData("Egress:0:Keys", "out", "holds no private key")]
    [InlineData("Egress:0:Key", "x", "is not a setting")]
    public void An_egress_setting_error_names_its_key_and_the_accepted_values(string key, string? value, string reason)
    {
        bool isPath = key is "Out" or "Egress:0:Keys";
        WireSettings settings = Sending(new Dictionary<string, string?>
        {
            [key] = value is null || !isPath ? value : Path.Combine(Path.GetDirectoryName(_rig.Folder)!, value),
        });

        WireConfigurationException refused = Assert.Throws<WireConfigurationException>(() =>
            new Iso20022FolderFactory().Check("bank", _rig.Schemas, ["payments"], settings));

        Assert.Equal($"Estream:Adapters:bank:{key}", refused.Key);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("IoTTelemetry", "'estream.iot.IoTTelemetry' cannot be sent")]
    [InlineData("estream.payments.Pacs008CreditTransfer", "names a schema twice")]
    public void An_unsupported_egress_schema_is_refused_with_the_supported_ones(string schema, string reason)
    {
        WireSettings settings = Sending(new Dictionary<string, string?>
        {
            ["Egress:1:Queue"] = "payments", ["Egress:1:Schema"] = schema, ["Egress:1:Keys"] = schema == "IoTTelemetry" ? null : _rig.Keys,
        });

        WireConfigurationException refused = Assert.Throws<WireConfigurationException>(() =>
            new Iso20022FolderFactory().Check("bank", _rig.Schemas, ["payments"], settings));

        Assert.Equal("Estream:Adapters:bank:Egress", refused.Key);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_detects_that_Out_is_the_input_folder_under_another_name()
    {
        string link = Path.Combine(_rig.Out, "link");
        File.CreateSymbolicLink(link, _rig.Folder);
        await using Iso20022Folder adapter = _rig.Sender(link);

        WireConfigurationException refused =
            await Assert.ThrowsAsync<WireConfigurationException>(() => adapter.StartAsync(CancellationToken.None));

        Assert.Equal("Out", refused.Key);
        Assert.Equal(["done", "refused"],
            Directory.GetFileSystemEntries(_rig.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_adapter_needs_mappings_or_egress()
    {
        Dictionary<string, string?> nothing = new()
        {
            ["Mappings:0:Topic"] = null,
            ["Mappings:0:Schema"] = null,
            ["Mappings:0:Queue"] = null,
        };

        WireConfigurationException refused = Assert.Throws<WireConfigurationException>(() =>
            new Iso20022FolderFactory().Check("bank", _rig.Schemas, ["payments"], Settings(nothing)));

        Assert.Equal("Estream:Adapters:bank:Mappings", refused.Key);
        new Iso20022FolderFactory().Check("bank", _rig.Schemas, ["payments"], Sending(nothing));
    }

    private WireSettings Sending(Dictionary<string, string?> changed)
    {
        Dictionary<string, string?> values = new()
        {
            ["Out"] = _rig.Out,
            ["Egress:0:Queue"] = "payments",
            ["Egress:0:Schema"] = "Pacs008CreditTransfer",
            ["Egress:0:Keys"] = _rig.Keys,
        };
        foreach ((string key, string? value) in changed)
        {
            values[key] = value;
        }

        return Settings(values);
    }

    private WireSettings Settings(Dictionary<string, string?> changed)
    {
        Dictionary<string, string?> values = new()
        {
            ["Type"] = "iso20022-folder",
            ["Folder"] = _rig.Folder,
            ["Mappings:0:Topic"] = "pacs.008",
            ["Mappings:0:Schema"] = "Pacs008CreditTransfer",
            ["Mappings:0:Queue"] = "payments",
        };
        foreach ((string key, string? value) in changed)
        {
            values[key] = value;
        }

        return new WireSettings("Estream:Adapters:bank", values);
    }

    private async Task RunUntilDoneAsync(int files)
    {
        await using Iso20022Folder adapter = _rig.Adapter(new Iso20022Limits { MaxPartBytes = 1_024 });
        await FolderRig.RunUntilAsync(adapter, () => _rig.Names("done").Length == files, $"{files} files are done");
    }
}
