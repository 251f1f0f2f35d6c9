using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: a host stores a statement of many entries (60,000; a million with the full counts) in its queue and writes it to a folder as one
/// file, with every entry once and in order, using the memory of one part. Method: the .NET heap of the host is limited to less than the
/// statement and its messages, so a host that held either in memory would crash.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class StatementTests : IDisposable
{
    // 64 MiB in hexadecimal, the format of .NET.
    private const string HeapBytes = "4000000";

    private static readonly string s_schemas = RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml");
    private static readonly string s_note = new('n', 500);
    private static readonly string s_remittance = string.Concat(Enumerable.Repeat($"<Ustrd>{new string('r', 140)}</Ustrd>", 3));

    private readonly HostFiles _files = new();

    private string Folder => Path.Combine(Path.GetDirectoryName(_files.Config)!, "in");

    private string Out => Path.Combine(Path.GetDirectoryName(_files.Config)!, "out");

    public void Dispose() => _files.Dispose();

    [Fact]
    public void A_long_statement_is_stored_completely_with_the_memory_of_one_part()
    {
        int entries = LongRun.Count(60_000, 1_000_000);
        HostSecrets secrets = new(_files);
        secrets.Make("payment_agent", "auditor", "regulator");
        Configure(secrets);
        long bytes = Write(entries);
        Assert.True(bytes > 70_000_000, $"{bytes} bytes are no long statement");
        using HostProcess host = HostProcess.Start(_files.Data, configFile: _files.Config,
            environment: new Dictionary<string, string?> { ["DOTNET_GCHeapHardLimit"] = HeapBytes });
        host.WaitUntilReady();

        File.Move(Path.Combine(Folder, "long.part"), Path.Combine(Folder, "long.xml"));
        Eventually.True(
            () => host.Process.HasExited || File.Exists(Path.Combine(Folder, "done", "long.xml"))
                || Directory.GetFiles(Path.Combine(Folder, "refused")).Length > 0,
            "the statement is done with",
            TimeSpan.FromMinutes(LongRun.Count(5, 60)));
        Eventually.True(
            () => host.Process.HasExited || Directory.GetFiles(Out).Length == 1
                || host.Process.Output.Contains("published", StringComparison.Ordinal),
            "the statement is a file again",
            TimeSpan.FromMinutes(LongRun.Count(5, 60)));
        Assert.True(!host.Process.Output.Contains("published", StringComparison.Ordinal), host.Process.Output);
        string metrics = host.Get("/metrics");
        ProcessResult end = host.Stop();

        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        Assert.Equal(0, _files.Count("dead-letters"));
        int parts = AssertEntries(secrets, entries);
        Assert.Contains($"estream_iso20022_stored_total{{adapter=\"bank\"}} {parts}\n", metrics, StringComparison.Ordinal);
        Assert.InRange(parts, 2, entries / 100);
        AssertFile(Assert.Single(Directory.GetFiles(Out)), entries);
    }

    /// <summary>Checks that the file has the written entries in order.</summary>
    private static void AssertFile(string path, int entries)
    {
        using XmlReader file = XmlReader.Create(path);
        int next = 1;
        while (file.ReadToFollowing("NtryRef"))
        {
            Assert.Equal(next++, file.ReadElementContentAsInt());
        }

        Assert.Equal(entries, next - 1);
    }

    /// <summary>Checks that the parts together have the written entries in order.</summary>
    private int AssertEntries(HostSecrets secrets, int entries)
    {
        int parts = 0;
        int next = 1;
        secrets.Read("statements", EsfSchemaSet.Load(s_schemas), "Camt053Statement", message =>
        {
            using JsonDocument part = JsonDocument.Parse(message);
            parts++;
            Assert.Equal(parts, part.RootElement.GetProperty("part").GetProperty("number").GetInt32());
            foreach (JsonElement entry in part.RootElement.GetProperty("entries").EnumerateArray())
            {
                Assert.Equal(next++.ToString(CultureInfo.InvariantCulture), entry.GetProperty("reference").GetString());
            }
        });
        Assert.Equal(entries, next - 1);
        return parts;
    }

    private long Write(int entries)
    {
        using StreamWriter file = new(Path.Combine(Folder, "long.part"), append: false, Encoding.UTF8);
        file.Write("""
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>MSG-5</MsgId><CreDtTm>2026-11-20T20:00:00</CreDtTm></GrpHdr><Stmt><Id>ST-1</Id><Acct><Id><IBAN>CH9300762011623852957</IBAN></Id></Acct><Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>
            """);
        for (int number = 1; number <= entries; number++)
        {
            file.Write(string.Create(CultureInfo.InvariantCulture, $"""
                <Ntry><NtryRef>{number}</NtryRef><Amt Ccy="EUR">1.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd><NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>Bob {number}</Nm></Pty></Dbtr></RltdPties><RmtInf>{s_remittance}</RmtInf></TxDtls></NtryDtls><AddtlNtryInf>{s_note}</AddtlNtryInf></Ntry>
                """));
        }

        file.Write("</Stmt></BkToCstmrStmt></Document>");
        file.Flush();
        return file.BaseStream.Length;
    }

    private void Configure(HostSecrets secrets)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "refused"));
        Directory.CreateDirectory(Out);
        File.WriteAllText(_files.Config, $$$$$"""
            {"Estream":{
              "Schemas":[{{{{{JsonSerializer.Serialize(s_schemas)}}}}}],
              "Privacy":{"Keys":{{{{{JsonSerializer.Serialize(secrets.Keys)}}}}}},
              "Queues":{"statements":{"SegmentBytes":8388608},"dead-letters":{"SegmentBytes":131072}},
              "Adapters":{"bank":{"Type":"iso20022-folder","Folder":{{{{{JsonSerializer.Serialize(Folder)}}}}},"PollMs":10,
                "Mappings":[{"Topic":"camt.053","Schema":"Camt053Statement","Queue":"statements"}],
                "Out":{{{{{JsonSerializer.Serialize(Out)}}}}},"Egress":[{"Queue":"statements","Schema":"Camt053Statement","Keys":{{{{{JsonSerializer.Serialize(secrets.Keys)}}}}}}]}}}}
            """);
    }
}
