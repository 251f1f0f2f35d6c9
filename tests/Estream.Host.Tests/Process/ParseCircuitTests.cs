using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Estream.Circuits;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;
using Estream.Witness;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a host runs iso20022.parse.v1 from its file. Sealed documents become sealed messages, which are attested and can be
/// proven, and rejections are reported without values.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ParseCircuitTests
{
    private const string Debtor = "Canaria Debitora 7731";
    private const string Iban = "ES9121000418450200051332";
    private const int SegmentBytes = 4 * 1024 * 1024;

    private static readonly string s_circuit =
        RepositoryRoot.Combine("circuits", "wire", "iso20022.parse.v1", "iso20022.parse.v1.circuit.yaml");
    private static readonly string s_schemaFile = RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml");
    private static readonly EsfSchemaSet s_schemas = EsfSchemaSet.BuiltIn.With(EsfSchemaSet.Load(s_schemaFile));

    [Fact]
    public void Documents_in_a_queue_become_sealed_and_attested_messages()
    {
        using HostFiles files = new();
        HostSecrets secrets = new(files);
        secrets.Make("payment_agent", "auditor", "regulator", "default", "provider");
        using MlDsa87PrivateKey signer = Configure(files, secrets);
        Append(files, secrets, Transfer(), Transfer()[..^40]);
        using HostProcess host = files.Start().WaitUntilReady();

        Eventually.True(() => files.Count("iso20022-pacs008") == 1 && files.Count("iso20022-rejected") == 1,
            "one document is a message, and one is refused");
        Eventually.True(() =>
            host.Get("/metrics").Contains("estream_witness_attested_total{queue=\"iso20022-pacs008\"} 1", StringComparison.Ordinal),
            "the message is attested");
        ProcessResult end = host.Stop();

        string opened = Assert.Single(secrets.Open("iso20022-pacs008", s_schemas, "Pacs008CreditTransfer", "auditor"));
        Assert.Contains("M-7731", opened, StringComparison.Ordinal);
        Assert.Contains(Iban, opened, StringComparison.Ordinal);
        Assert.DoesNotContain(Iban, Assert.Single(secrets.Open("iso20022-pacs008", s_schemas, "Pacs008CreditTransfer", "provider")),
            StringComparison.Ordinal);
        AssertProved(files, signer.PublicKey);
        AssertNowhere(files, end);
    }

    [Fact]
    public void Files_of_a_folder_are_processed_by_the_circuit()
    {
        using HostFiles files = new();
        HostSecrets secrets = new(files);
        secrets.Make("payment_agent", "auditor", "regulator", "default", "provider");
        using MlDsa87PrivateKey signer = Configure(files, secrets);
        string folder = Path.Combine(Path.GetDirectoryName(files.Config)!, "in");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "1.xml"), Transfer());
        File.WriteAllText(Path.Combine(folder, "2.xml"), Transfer()[..^40]);
        File.WriteAllText(Path.Combine(folder, "3.xml"), new string(' ', 1_048_577));
        AddAdapter(files,
            $$"""{"Type":"iso20022-folder","Folder":{{JsonSerializer.Serialize(folder)}},"PollMs":10,"Mappings":[{"Topic":"document","Schema":"Document","Queue":"iso20022-documents"}]}""");
        using HostProcess host = files.Start().WaitUntilReady();

        Eventually.True(() => files.Count("iso20022-pacs008") == 1 && files.Count("iso20022-rejected") == 1
            && files.Count("dead-letters") == 1, "one is a message, one is refused by the circuit, and one is too long");
        Eventually.True(() =>
            host.Get("/metrics").Contains("estream_witness_attested_total{queue=\"iso20022-pacs008\"} 1", StringComparison.Ordinal),
            "the message is attested");
        string letters = host.Get("/api/queues/dead-letters/messages");
        ProcessResult end = host.Stop();

        Assert.Contains("M-7731", Assert.Single(secrets.Open("iso20022-pacs008", s_schemas, "Pacs008CreditTransfer", "auditor")),
            StringComparison.Ordinal);
        AssertProved(files, signer.PublicKey);
        Assert.Contains("more than 1048576 bytes", letters, StringComparison.Ordinal);
        Assert.Equal(["1.xml", "2.xml"],
            Directory.GetFiles(Path.Combine(folder, "done")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        AssertNowhere(files, end);
    }

    /// <summary>Checks with only the public key that the sealed result of the circuit is unchanged.</summary>
    private static void AssertProved(HostFiles files, MlDsa87PublicKey signer)
    {
        using MlDsa87PrivateKey stranger = MlDsa87PrivateKey.Generate();
        string place = Path.Combine(files.Data, "queues", "iso20022-pacs008");
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(place);
        using EstreamQueue attestations = EstreamQueue.OpenReadOnly(place + QueueWitness.DirectoryEnding);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out QueueMessage message));
        using WitnessProver prover = new(queue, attestations, signer);

        byte[] proof = prover.ProveMessage(message.Sequence).Encoded.ToArray();

        Assert.True(MessageProof.TryParse(proof, out MessageProof? proved, out _));
        Assert.True(proved.Payload.SequenceEqual(message.Payload));
        Assert.True(proved.Verify(queue.Id, signer));
        Assert.False(proved.Verify(queue.Id, stranger.PublicKey));
        proof[proof.AsSpan().IndexOf(message.Payload) + message.Payload.Length - 1] ^= 1;
        Assert.False(MessageProof.TryParse(proof, out MessageProof? changed, out _) && changed.Verify(queue.Id, signer));
    }

    private static void AssertNowhere(HostFiles files, ProcessResult end)
    {
        foreach (string secret in (string[])[Debtor, Iban])
        {
            Assert.DoesNotContain(secret, end.Output + end.Error, StringComparison.Ordinal);
            Assert.All(
                Directory.GetFiles(files.Data, "*", SearchOption.AllDirectories),
                file => Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0,
                    $"'{secret}' is in {file}."));
        }
    }

    private static void AddAdapter(HostFiles files, string adapter)
    {
        JsonNode all = JsonNode.Parse(File.ReadAllText(files.Config))!;
        all["Estream"]!["Adapters"]!["bank"] = JsonNode.Parse(adapter);
        File.WriteAllText(files.Config, all.ToJsonString());
    }

    private static MlDsa87PrivateKey Configure(HostFiles files, HostSecrets secrets)
    {
        string witness = Path.Combine(Path.GetDirectoryName(files.Config)!, "witness.key");
        MlDsa87PrivateKey made = MlDsa87PrivateKey.Generate();
        made.Save(witness);
        string plain = $$"""{"SegmentBytes":{{SegmentBytes}}}""";
        string witnessed =
            $$$"""{"SegmentBytes":{{{SegmentBytes}}},"Witness":{"KeyFile":{{{JsonSerializer.Serialize(witness)}}},"Durable":true}}""";
        string privacy = JsonSerializer.Serialize(new { secrets.Keys, CircuitKeys = secrets.Keys });
        string schemas = JsonSerializer.Serialize(new[] { s_schemaFile });
        string circuits = JsonSerializer.Serialize(new[] { s_circuit });
        File.WriteAllText(files.Config, File.ReadAllText(files.Config)
            .Replace(
                "\"dead-letters\":",
                $"\"iso20022-documents\":{plain},\"iso20022-rejected\":{plain},"
                + $"\"iso20022-pacs008\":{witnessed},\"iso20022-pacs002\":{witnessed},\"dead-letters\":",
                StringComparison.Ordinal)
            .Replace("\"Maps\":", $"\"Schemas\":{schemas},\"Circuits\":{circuits},\"Privacy\":{privacy},\"Maps\":",
                StringComparison.Ordinal));
        return made;
    }

    /// <summary>Sealed documents, like those that an adapter stores.</summary>
    private static void Append(HostFiles files, HostSecrets secrets, params string[] documents)
    {
        EsfSchema type = Circuit.Load(s_circuit, s_schemas).Inputs[0].Schema;
        using EsfSealer sealer = new(type, EsfAudienceKeys.Load(secrets.Keys));
        using EstreamQueue queue =
            EstreamQueue.Open(Path.Combine(files.Data, "queues", "iso20022-documents"), new QueueOptions { SegmentBytes = SegmentBytes });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        byte[] clear = new byte[16 * 1024];
        foreach (string document in documents)
        {
            string json = $$"""{"document":"{{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(document))}}"}""";
            Assert.True(EsfJson.TryEncode(type, Encoding.UTF8.GetBytes(json), clear, out int length).IsOk);
            byte[] room = new byte[sealer.MaxSealedLength(length)];
            Assert.True(sealer.Seal(clear.AsSpan(0, length), room, out int written).IsOk);
            appender.Append(room.AsSpan(0, written));
        }
    }

    private static string Transfer() => $"""
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12"><FIToFICstmrCdtTrf><GrpHdr><MsgId>M-7731</MsgId><CreDtTm>2026-01-15T10:30:00</CreDtTm><NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr><CdtTrfTxInf><PmtId><EndToEndId>E-1</EndToEndId></PmtId><IntrBkSttlmAmt Ccy="EUR">1000.00</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr><Dbtr><Nm>{Debtor}</Nm></Dbtr><DbtrAcct><Id><IBAN>{Iban}</IBAN></Id></DbtrAcct><DbtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>B</Nm></Cdtr></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>
        """;
}
