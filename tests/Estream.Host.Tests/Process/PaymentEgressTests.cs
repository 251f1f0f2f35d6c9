using System.Text.Json;
using System.Text.RegularExpressions;
using Estream.Crypto;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: each message of a queue for a bank becomes exactly one file, despite crashes of the host. Method: payments arrive from one folder
/// and leave to another while the host is repeatedly killed with SIGKILL. Each file is removed as soon as it appears, so that the host
/// cannot check whether it already existed. At the end, the removed files are the messages of the queue, in order.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class PaymentEgressTests : IDisposable
{
    private static readonly string s_schemas = RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml");

    private readonly HostFiles _files = new();
    private readonly HashSet<string> _twice = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _taken = new(StringComparer.Ordinal);

    private string Place => Path.GetDirectoryName(_files.Config)!;

    private string In => Path.Combine(Place, "in");

    private string Out => Path.Combine(Place, "out");

    private string InPlace(string name) => Path.Combine(_files.Data, "adapters", "bank", name);

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Each_message_becomes_one_file_after_crashes_at_any_time()
    {
        int count = LongRun.Count(400, 10_000);
        int kills = LongRun.Count(6, 100);
        HostSecrets secrets = Configure();
        for (int number = 0; number < count; number++)
        {
            File.WriteAllText(Path.Combine(In, $"{number:D6}.xml"), PaymentFile.Transfer($"M-{number:D6}"));
        }

        int killed = 0;
        for (; killed < kills && _taken.Count < count; killed++)
        {
            using HostProcess host = _files.Start();
            int before = _taken.Count;
            int most = before + 1 + (killed % 7);
            Eventually.True(() => host.Process.HasExited || Take() >= most, "the host writes files");
            Assert.False(host.Process.HasExited, $"{host.Process.Output}\n{host.Process.Error}");
            host.Kill();
            Take();
        }

        using HostProcess last = _files.Start().WaitUntilReady();
        Eventually.True(
            () => Directory.GetFiles(In).Length == 0 && Directory.GetFiles(InPlace("taking"), "*.xml").Length == 0,
            "all files are taken in", TimeSpan.FromMinutes(LongRun.Count(2, 30)));
        long stored = _files.Count("payments");
        Eventually.True(() => Take() >= stored, "all messages are written as files", TimeSpan.FromMinutes(LongRun.Count(2, 30)));
        last.Stop();
        Take();

        List<string> ids = [.. secrets.Open("payments", EsfSchemaSet.Load(s_schemas), "Pacs008CreditTransfer").Select(PaymentFile.IdOf)];
        Assert.Empty(_twice);
        Assert.Equal(ids, _taken.Values);
        Assert.Equal(count, ids.Distinct().Count());
        Assert.True(killed > 0);
        Assert.Equal(["newest"], Directory.GetFiles(InPlace("out")).Select(Path.GetFileName));
    }

    [Fact]
    public void A_message_that_no_version_can_express_is_skipped_and_reported_without_its_value()
    {
        HostSecrets secrets = Configure(keys: "none");
        using HostProcess host = _files.Start().WaitUntilReady();
        File.WriteAllText(Path.Combine(In, "1.xml"), PaymentFile.Transfer("M-1").Replace(">A<", ">CANARY-7731<", StringComparison.Ordinal));

        Eventually.True(() =>
            host.Get("/metrics").Contains("estream_egress_refused_total{adapter=\"bank\",queue=\"payments\"} 1", StringComparison.Ordinal),
            "it is refused");
        ProcessResult end = host.Stop();

        Assert.Contains("cannot be published and is skipped: debtor is withheld", end.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY-7731", end.Output + end.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Out));
        Assert.Single(secrets.Open("payments", EsfSchemaSet.Load(s_schemas), "Pacs008CreditTransfer"));
    }

    /// <summary>Removes the existing files like a bank, and returns the total number of removed files.</summary>
    private int Take()
    {
        foreach (string path in Directory.GetFiles(Out))
        {
            string name = Path.GetFileName(path);
            string id = Regex.Match(File.ReadAllText(path), "<MsgId>([^<]*)</MsgId>.*</Document>$",
                RegexOptions.Singleline).Groups[1].Value;
            if (!_taken.TryAdd(name, id))
            {
                _twice.Add(name);
            }

            File.Delete(path);
        }

        return _taken.Count;
    }

    private HostSecrets Configure(string? keys = null)
    {
        HostSecrets secrets = new(_files);
        secrets.Make("payment_agent", "auditor", "regulator");
        Directory.CreateDirectory(In);
        Directory.CreateDirectory(Out);
        string opening = Path.Combine(Place, keys ?? "opening");
        Directory.CreateDirectory(opening);
        if (keys is null)
        {
            File.Copy(Path.Combine(secrets.Keys, "payment_agent.key.pem"), Path.Combine(opening, "payment_agent.key.pem"));
        }
        else
        {
            // The key belongs to an audience of another organisation.
            using MlKem1024PrivateKey other = MlKem1024PrivateKey.Generate();
            MlKem1024KeyFile.WritePrivate(Path.Combine(opening, "payment_agent.key.pem"), other);
        }

        File.WriteAllText(_files.Config, $$$$$"""
            {"Estream":{
              "Schemas":[{{{{{JsonSerializer.Serialize(s_schemas)}}}}}],
              "Privacy":{"Keys":{{{{{JsonSerializer.Serialize(secrets.Keys)}}}}}},
              "Queues":{"payments":{"SegmentBytes":1048576},"dead-letters":{"SegmentBytes":131072}},
              "Adapters":{"bank":{"Type":"iso20022-folder","Folder":{{{{{JsonSerializer.Serialize(In)}}}}},"PollMs":10,"Out":{{{{{JsonSerializer.Serialize(Out)}}}}},
                "Mappings":[{"Topic":"pacs.008","Schema":"Pacs008CreditTransfer","Queue":"payments"}],
                "Egress":[{"Queue":"payments","Schema":"Pacs008CreditTransfer","Keys":{{{{{JsonSerializer.Serialize(opening)}}}}}}]}}}}
            """);
        return secrets;
    }
}
